//! How much memory a body may take once it is read.

/// Bodies up to this size are read in any case.
const SMALL: usize = 64 * 1024;

/// How many times its own size a body may take, beside its texts.
const TIMES: usize = 19;

/// The place of a value in a `Vec`, three times: one that grows is copied to another of twice the length.
const PLACE: usize = 3 * size_of::<serde_json::Value>();

/// A node of an object's map, which has room for eleven fields, and for six of them on average.
const NODE: usize = 640;
const FIELDS: usize = 6;

/// A field of an object, beyond its place: its name, and what nodes leave empty.
const FIELD: usize = 40;

/// What a body that is not small takes at most, in bytes and beside its texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Density {
    limit: usize,
    /// How many objects there are at the depth of items.
    pub(super) items: usize,
    /// What is inside the fields of items, when it is read.
    inside: usize,
    /// All of it, read as values of any kind.
    whole: usize,
}

impl Density {
    /// Weighs a body. `depth` is how deep in it an item is: 1 for one that is the whole body. `None` for a small body.
    pub(super) fn of(body: &[u8], item_depth: usize) -> Option<Self> {
        if body.len() <= SMALL {
            return None;
        }
        let mut density = Self { limit: body.len().saturating_mul(TIMES), items: 0, inside: 0, whole: 0 };
        let mut depth = 0_usize;
        let mut rest = body.iter();
        while let Some(byte) = rest.next() {
            let weight = match byte {
                b'"' => {
                    skip_string(&mut rest);
                    continue;
                }
                b'{' | b'[' => {
                    depth += 1;
                    let is_object = *byte == b'{';
                    density.items += usize::from(is_object && depth == item_depth);
                    if is_object { PLACE + NODE } else { PLACE }
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    continue;
                }
                b',' => PLACE,
                b':' => FIELD,
                _ => continue,
            };
            density.whole += weight;
            if depth > item_depth {
                density.inside += weight;
            }
        }
        Some(density)
    }

    /// Returns `true` if reading the items may take too much. `other` are the fields in them that are kept by name, as
    /// [`weight_of_other`] counts.
    pub(super) fn is_too_much(&self, item_size: usize, other: usize) -> bool {
        self.items.saturating_mul(item_size).saturating_add(self.inside).saturating_add(other) > self.limit
    }

    /// Returns `true` if reading the body field by field may take too much.
    pub(super) fn is_too_much_as_value(&self, item_size: usize) -> bool {
        self.items.saturating_mul(item_size).saturating_add(self.whole) > self.limit
    }
}

/// Returns what the fields of one item take that it keeps by name.
pub(super) fn weight_of_other(fields: usize) -> usize {
    fields.div_ceil(FIELDS) * NODE
}

fn skip_string(rest: &mut std::slice::Iter<'_, u8>) {
    while let Some(byte) = rest.next() {
        match byte {
            b'"' => return,
            b'\\' => _ = rest.next(),
            _ => {}
        }
    }
}
