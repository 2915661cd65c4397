//! Quotas.

use clap::Args;
use huaweicloud_cts::catalogue::{Quota, QuotaType};

use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::screen;
use crate::table::{Columns, Table};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  cts quotas\n  cts quotas --warn 80 || echo nearly full")]
pub(crate) struct Quotas {
    /// Exit with 2 if a quota is used up to this percentage. The system tracker does not count:
    /// there is one at most.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(..=100))]
    warn: Option<u8>,
}

pub(crate) async fn run(context: &Context, arguments: &Quotas) -> Result<Exit, Failure> {
    let quotas = context.client()?.list_quotas().await?;
    let output = context.global.output;
    if output.is_for_programs() {
        screen::values(output, &quotas)?;
    } else {
        let mut table = Table::of(
            Columns::new(["QUOTA", "USED", "LIMIT", "PERCENT"])
                .numbers(["USED", "LIMIT", "PERCENT"]),
        );
        for quota in &quotas {
            let percent =
                percent(quota).map_or_else(|| "-".to_owned(), |percent| format!("{percent}%"));
            let kind = quota.quota_type.as_ref().map_or("", |kind| kind.as_str());
            let shown = |count: Option<i64>| {
                count.map_or_else(|| "-".to_owned(), |count| count.to_string())
            };
            table.row([kind, &shown(quota.used), &shown(quota.quota), &percent]);
        }
        table.print(false)?;
    }
    let mut grows =
        quotas.iter().filter(|quota| quota.quota_type != Some(QuotaType::SystemTracker));
    let is_full = grows
        .any(|quota| arguments.warn.is_some_and(|warn| percent(quota) >= Some(i64::from(warn))));
    Ok(if is_full { Exit::Changes } else { Exit::Done })
}

/// Returns how much of a quota is used; `None` if it has no limit.
fn percent(quota: &Quota) -> Option<i64> {
    let limit = quota.quota.filter(|limit| *limit > 0)?;
    quota.used?.saturating_mul(100).checked_div(limit)
}
