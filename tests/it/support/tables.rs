//! Models of the crate, compared with the vendor's tables of their fields.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// Name and type of each field, one a line; `!` after a name means required, `+` before it that no
/// table has it.
pub(crate) type Table = &'static str;

#[derive(Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    of: &'static str,
    is_required: bool,
}

pub(crate) fn fields(table: Table) -> Vec<Field> {
    let row = |line: &'static str| {
        let (name, of) = line.trim().split_once(' ').unwrap();
        let (name, is_required) = name.strip_suffix('!').map_or((name, false), |name| (name, true));
        Field { name: name.trim_start_matches('+'), of: of.trim(), is_required }
    };
    table.lines().filter(|line| !line.trim().is_empty()).map(row).collect()
}

/// The names of the fields, or of those required, in their order.
pub(crate) fn sorted(table: Table, only_required: bool) -> Vec<&'static str> {
    let mut names: Vec<_> = fields(table)
        .iter()
        .filter(|field| field.is_required || !only_required)
        .map(|field| field.name)
        .collect();
    names.sort_unstable();
    names
}

/// A value of a documented type: one of JSON's, or what `model` has for it.
pub(crate) fn value(of: &str, model: fn(&str) -> Value) -> Value {
    match of {
        "string" => json!("text"),
        "integer" => json!(30),
        "bool" => json!(true),
        "array" => json!(["one", "two"]),
        other => model(other),
    }
}

/// An object with all fields of a table.
pub(crate) fn object(table: Table, model: fn(&str) -> Value) -> Value {
    Value::Object(
        fields(table).iter().map(|field| (field.name.to_owned(), value(field.of, model))).collect(),
    )
}

/// The model reads each field of the table into a field of its own, needs none of them, and writes
/// them as they came.
pub(crate) fn is_response<T>(
    table: Table,
    model: fn(&str) -> Value,
    other: impl Fn(&T) -> &Map<String, Value>,
) where
    T: Serialize + DeserializeOwned + Default + PartialEq + Debug,
{
    let whole = object(table, model);
    let read: T = serde_json::from_value(whole.clone()).unwrap();
    assert!(other(&read).is_empty(), "no field for {:?}", other(&read));
    assert_eq!(serde_json::to_value(&read).unwrap(), whole);
    assert_eq!(serde_json::from_str::<T>("{}").unwrap(), T::default());
    for Field { name, of, .. } in fields(table) {
        let alone: T = serde_json::from_value(json!({name: value(of, model)})).unwrap();
        assert_ne!(alone, T::default(), "{name} is read into nothing");

        let mut unknown = whole.clone();
        unknown["x_unknown"] = json!({"deep": [1]});
        unknown.as_object_mut().unwrap().remove(name);
        let read: T = serde_json::from_value(unknown.clone()).unwrap();
        assert_eq!(other(&read)["x_unknown"], unknown["x_unknown"], "without {name}");
        assert_eq!(serde_json::to_value(&read).unwrap()["x_unknown"], unknown["x_unknown"]);
    }
}

/// The request writes exactly the fields of the table when all are set, and only those required
/// when none is. What was written is read as the same request, and an unknown field is refused.
pub(crate) fn is_request<T>(table: Table, least: &T, most: &T)
where
    T: Serialize + DeserializeOwned + PartialEq + Debug,
{
    for (request, only_required) in [(least, true), (most, false)] {
        let written = serde_json::to_value(request).unwrap();
        let names: Vec<_> = written.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, sorted(table, only_required));
        assert_eq!(
            serde_json::from_value::<T>(written.clone()).unwrap(),
            *request,
            "a stored request is the same again"
        );

        let mut unknown = written;
        unknown["x_unknown"] = json!(1);
        assert!(
            serde_json::from_value::<T>(unknown.clone()).is_err(),
            "an unknown field is accepted: {unknown}"
        );
    }
}
