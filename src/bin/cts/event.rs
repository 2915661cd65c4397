//! The events that functions and webhooks get.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use huaweicloud_cts::event::{SmnMessage, SmnVerifier, TriggerEvent};
use huaweicloud_cts::notification::TopicUrn;
use huaweicloud_cts::trace::Trace;
use serde::Serialize;
use serde_json::Value;

use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::files;
use crate::layout;
use crate::screen::{self, BOLD, clean};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say in plain words what an event is about.
    Decode(Decode),
    /// Print a made-up event, for tests.
    Sample(Sample),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cts event decode event.json
  cts event sample cts | cts event decode
  cts event decode message.json --verify --topic urn:smn:eu-de:PROJECT:audit")]
pub(crate) struct Decode {
    /// A file with the event; the standard input unless given.
    #[arg(default_value = "-")]
    file: PathBuf,
    /// Verify the signature of a message of SMN. Fetches the certificate that it names.
    #[arg(long, requires = "topic")]
    verify: bool,
    /// The topic that the message must be from.
    #[arg(long, value_name = "URN")]
    topic: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  cts event sample cts > event.json\n  cts event sample smn")]
pub(crate) struct Sample {
    /// What the event is from.
    kind: Kind,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// A trace, as a CTS trigger of a function gets it.
    Cts,
    /// A message, as a function that is subscribed to a topic gets it.
    Smn,
    /// A timer.
    Timer,
}

impl Kind {
    /// Returns an event in the documented shape, with made-up values.
    fn text(self) -> &'static str {
        match self {
            Self::Cts => include_str!("samples/cts.json"),
            Self::Smn => include_str!("samples/smn.json"),
            Self::Timer => include_str!("samples/timer.json"),
        }
    }
}

pub(crate) async fn run(context: &Context, command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::Sample(sample) => screen::raw(sample.kind.text().as_bytes())?,
        Command::Decode(decode) => self::decode(context, decode).await?,
    }
    Ok(Exit::Done)
}

async fn decode(context: &Context, arguments: &Decode) -> Result<(), Failure> {
    let (name, bytes) = files::read_bytes(&arguments.file)?;
    let wrong = |error: huaweicloud_cts::event::EventError| Failure::at(&name, error);
    // A message to a webhook has a type; an event of a function has not.
    let is_message = serde_json::from_slice::<Value>(&bytes)
        .is_ok_and(|value| value.get("type").is_some_and(Value::is_string));
    if is_message || arguments.verify {
        let message = SmnMessage::from_slice(&bytes).map_err(wrong)?;
        if let (true, Some(topic)) = (arguments.verify, &arguments.topic) {
            let verifier = SmnVerifier::new(context.transport()?, TopicUrn::from(topic.as_str()));
            verifier
                .verify(&message)
                .await
                .map_err(|error| Failure::failed(format!("not to be trusted: {error}")))?;
            context.remark("The signature is valid.");
        }
        return match message.trace() {
            Some(trace) if !context.global.output.is_for_programs() => {
                traced("a message of SMN with a trace", &trace)
            }
            _ => shown(context, "a message of SMN", &message),
        };
    }
    let event = TriggerEvent::from_slice(&bytes).map_err(wrong)?;
    match &event {
        TriggerEvent::Cts(event) if !context.global.output.is_for_programs() => {
            traced("a trace of CTS", &event.cts)
        }
        TriggerEvent::Smn(smn) if !context.global.output.is_for_programs() => {
            for record in &smn.records {
                match record.smn.as_ref().and_then(huaweicloud_cts::event::SmnBody::trace) {
                    Some(trace) => traced("a message of SMN with a trace", &trace)?,
                    None => shown(context, "a message of SMN", record)?,
                }
            }
            Ok(())
        }
        event => shown(context, kind(event), event),
    }
}

fn kind(event: &TriggerEvent) -> &'static str {
    match event {
        TriggerEvent::Apig(_) => "a request of API Gateway",
        TriggerEvent::Obs(_) => "an event of an OBS bucket",
        TriggerEvent::EventGrid(_) => "an event of EventGrid",
        TriggerEvent::Timer(_) => "an event of a timer",
        TriggerEvent::Lts(_) => "an event of LTS",
        TriggerEvent::Kafka(_) => "a batch of messages of Kafka",
        TriggerEvent::RocketMq(_) => "a batch of messages of RocketMQ",
        TriggerEvent::RabbitMq(_) => "a batch of messages of RabbitMQ",
        TriggerEvent::Dds(_) => "an event of DDS",
        TriggerEvent::Dis(_) => "a batch of records of DIS",
        TriggerEvent::Iotda(_) => "an event of IoTDA",
        TriggerEvent::AsyncNotification(_) => "the result of an asynchronous invocation",
        _ => "an event of an unknown source",
    }
}

/// Prints an event as its fields.
fn shown(context: &Context, what: &str, event: &impl Serialize) -> Result<(), Failure> {
    if context.global.output.is_for_programs() {
        return screen::value(context.global.output, event);
    }
    screen::out(format_args!("{BOLD}This is {what}.{BOLD:#}"))?;
    let value = serde_json::to_value(event).map_err(|error| Failure::failed(error.to_string()))?;
    screen::out(screen::clean_lines(&format!("{value:#}")))
}

/// Prints a trace in plain words.
pub(crate) fn traced(what: &str, trace: &Trace) -> Result<(), Failure> {
    let some = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(clean);
    let resource = match (some(trace.resource_name.as_deref()), some(trace.resource_id.as_deref()))
    {
        (Some(name), Some(id)) => Some(format!("{name} ({id})")),
        (name, id) => name.or(id),
    };
    let code = trace.code().map(|code| code.to_string());
    let rows = [
        ("operation", Some(clean(&operation(trace)))),
        ("time", trace.time().map(screen::time)),
        ("by", some(trace.user.name())),
        ("from", some(trace.source_ip.as_deref())),
        ("resource", resource),
        (
            "result",
            some(trace.rating().map(huaweicloud_cts::trace::TraceRating::as_str))
                .into_iter()
                .chain(code)
                .reduce(|a, b| format!("{a} {b}")),
        ),
        ("project", some(trace.project_id.as_deref())),
        ("account", some(trace.domain_id.as_deref())),
        ("trace", some(trace.trace_id.as_ref().map(huaweicloud_cts::trace::TraceId::as_str))),
    ];
    screen::out(format_args!("{BOLD}This is {what}.{BOLD:#}"))?;
    let rows = rows.into_iter().filter_map(|(name, value)| Some((name, value?)));
    screen::out(layout::fields(2, rows))
}

/// Returns the operation that a trace is about: `IAM/user/login`.
pub(crate) fn operation(trace: &Trace) -> String {
    let parts = [&trace.service_type, &trace.resource_type, &trace.trace_name];
    parts.map(|part| part.as_deref().filter(|part| !part.is_empty()).unwrap_or("?")).join("/")
}
