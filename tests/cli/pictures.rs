//! The pictures of the README: what the tool prints, in its colours.
//! `SNAPSHOTS=overwrite cargo test --test cli pictures` draws them anew.

use std::path::Path;

use anstyle::{Color, RgbColor, Style};
use anstyle_svg::{Palette, Term};
use huaweicloud_cts::notification::Notification;
use huaweicloud_cts::testing::FakeCts;
use serde_json::{Value, json};
use snapbox::{Assert, Data};

use crate::support::Cts;

/// A terminal with a background of its own, so that it can be read on light and on dark pages.
const TERMINAL: Term = Term::new()
    .palette(PALETTE)
    .fg_color(Color::Rgb(rgb(0xd5_dae1)))
    .bg_color(Color::Rgb(rgb(0x18_1b20)));

/// Black, red, green, yellow, blue, magenta, cyan and white, and the same in bright.
const PALETTE: Palette = Palette([
    rgb(0x18_1b20),
    rgb(0xf0_7178),
    rgb(0x7f_c77f),
    rgb(0xe5_c07b),
    rgb(0x6c_b2f5),
    rgb(0xc7_92ea),
    rgb(0x5f_c4d6),
    rgb(0xd5_dae1),
    rgb(0x7a_818c),
    rgb(0xff_8b92),
    rgb(0x9b_dd9b),
    rgb(0xff_d68f),
    rgb(0x8a_c6ff),
    rgb(0xdd_b0ff),
    rgb(0x7f_dcec),
    rgb(0xff_ffff),
]);

const fn rgb(value: u32) -> RgbColor {
    let [_, red, green, blue] = value.to_be_bytes();
    RgbColor(red, green, blue)
}

const DIMMED: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

#[test]
fn the_picture_of_a_plan_is_what_the_tool_prints() {
    let cts = project("picture-of-a-plan");
    let watched = json!([
        operation("CTS", "tracker", &["updateTracker", "deleteTracker"]),
        operation("CTS", "notification", &["updateNotification", "deleteNotification"]),
    ]);
    add(&cts, "team_audit_of_the_audit", json!({ "operations": watched, "status": "enabled" }));
    cts.file("rules.toml", include_str!("../../examples/provision.toml"));
    draw(&cts, "plan.svg", &["plan rules.toml --prune team_"]);
}

#[test]
fn the_picture_of_a_list_is_what_the_tool_prints() {
    let cts = project("picture-of-a-list");
    draw(&cts, "list.svg", &["notification list", "notification get team_login"]);
}

/// A project that differs from the rules file of the examples.
fn project(name: &str) -> Cts {
    let cts = Cts::empty(name);
    let logins = json!([operation("IAM", "user", &["login", "logout"])]);
    let users = json!([{ "user_group": "admin", "user_list": ["alice"] }]);
    add(
        &cts,
        "team_logins",
        json!({ "operations": logins, "notify_user_list": users, "status": "enabled" }),
    );
    add(&cts, "team_everything", json!({ "operation_type": "complete", "status": "disabled" }));
    let volumes = json!([operation("EVS", "evs", &["deleteVolume"])]);
    add(&cts, "team_volumes", json!({ "operations": volumes, "status": "enabled" }));
    cts
}

fn operation(service: &str, resource: &str, names: &[&str]) -> Value {
    json!({ "service_type": service, "resource_type": resource, "trace_names": names })
}

fn add(cts: &Cts, name: &str, fields: Value) {
    let mut notification: Notification = serde_json::from_value(fields).unwrap();
    name.clone_into(&mut notification.notification_name);
    notification.operation_type.get_or_insert_with(|| "customized".into());
    notification.topic_id =
        Some(format!("urn:smn:cn-north-4:{}:audit", FakeCts::PROJECT_ID).into());
    cts.fake.add_notification(FakeCts::PROJECT_ID, &notification);
}

/// Compares a picture with what commands print, each after its command line.
fn draw(cts: &Cts, picture: &str, commands: &[&str]) {
    let screen: Vec<String> = commands
        .iter()
        .map(|command| {
            let output = cts.run(command).env("CLICOLOR_FORCE", "1").output().unwrap();
            let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            format!("{DIMMED}${DIMMED:#} {BOLD}cts {command}{BOLD:#}\n{printed}")
        })
        .collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(picture);
    let drawn = TERMINAL.render_svg(screen.join("\n").trim_end());
    Assert::new()
        .action_env("SNAPSHOTS")
        .eq(Data::text(drawn).raw(), Data::read_from(&path, None).raw());
}
