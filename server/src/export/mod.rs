//! A wallet's history as a table, for spreadsheets and for programs that reckon taxes. Pure.
//!
//! Three forms: one with everything, one with the columns that Koinly's universal import reads, and one with those of
//! `CoinTracking`'s import of CSV files. Times are UTC, amounts whole coins.
//!
//! A withdrawal's fee is a part of the amount that went out. The two imports take it differently: Koinly deducts the fee besides
//! the amount that was sent, so that this is written without it; for `CoinTracking` what was sold has the fee in it, and its
//! column only tells of it.

use csv::{Terminator, WriterBuilder};
use dripline_shared::amount::Amount;
use dripline_shared::api::{Direction, HistoryEntry};
use dripline_shared::time::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

/// Which columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Everything that is known.
    #[default]
    Plain,
    /// Koinly's universal import.
    Koinly,
    /// `CoinTracking`'s import.
    Cointracking,
}

/// A line of the table: an entry, the decimals of its asset, and what paid it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The entry.
    pub entry: HistoryEntry,
    /// The decimals of its asset.
    pub decimals: u8,
    /// The transaction that paid a withdrawal, as its rail writes it.
    pub transaction: Option<String>,
    /// How much of what went out was the withdrawal's fee; `None` where none was taken, or none yet.
    pub fee: Option<Amount>,
}

/// Who paid, where a form asks for it.
const SOURCE: &str = "Dripline";

/// The table in UTF-8, with a line of names first and lines as RFC 4180 ends them.
pub fn table(format: Format, lines: &[Line]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(names(format))?;
    for line in lines {
        writer.write_record(match format {
            Format::Plain => plain(line),
            Format::Koinly => koinly(line),
            Format::Cointracking => cointracking(line),
        })?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

const fn names(format: Format) -> &'static [&'static str] {
    match format {
        Format::Plain => &[
            "time",
            "kind",
            "direction",
            "asset",
            "amount",
            "balance",
            "worth",
            "currency",
            "level",
            "round",
            "withdrawal",
            "transaction",
            "fee",
        ],
        Format::Koinly => &[
            "Date",
            "Sent Amount",
            "Sent Currency",
            "Received Amount",
            "Received Currency",
            "Fee Amount",
            "Fee Currency",
            "Net Worth Amount",
            "Net Worth Currency",
            "Label",
            "Description",
            "TxHash",
        ],
        Format::Cointracking => &[
            "Type",
            "Buy Amount",
            "Buy Currency",
            "Sell Amount",
            "Sell Currency",
            "Fee",
            "Fee Currency",
            "Exchange",
            "Group",
            "Comment",
            "Date",
            "Tx-ID",
        ],
    }
}

impl Line {
    fn coins(&self, amount: Amount) -> String {
        amount.to_decimal(self.decimals)
    }

    /// The amount and the asset in the columns of what came in, or in those of what went out.
    fn moved(&self, direction: Direction) -> [String; 2] {
        let moved = (self.entry.direction == direction).then_some(self.entry.amount);
        self.of_asset(moved)
    }

    /// What went out besides the fee.
    fn sent(&self) -> [String; 2] {
        let sent = self.entry.amount.saturating_sub(self.fee.unwrap_or(Amount::ZERO));
        self.of_asset((self.entry.direction == Direction::Out).then_some(sent))
    }

    fn of_asset(&self, amount: Option<Amount>) -> [String; 2] {
        amount.map_or_else(Default::default, |amount| [self.coins(amount), self.entry.asset.clone()])
    }

    fn worth(&self) -> [String; 2] {
        let worth = self.entry.worth.as_ref();
        worth.map_or_else(Default::default, |worth| {
            [worth.amount.to_decimal(worth.currency.decimals), worth.currency.code.clone()]
        })
    }

    /// What tells this line from all others: what paid it, or what it belongs to.
    fn id(&self) -> String {
        let HistoryEntry { round, withdrawal, .. } = &self.entry;
        let own = round.map(|id| id.to_string()).or(withdrawal.map(|id| id.to_string()));
        self.transaction.clone().or(own).unwrap_or_default()
    }

    fn about(&self) -> String {
        self.entry.level.as_deref().map_or_else(|| self.entry.kind.clone(), |level| format!("level {level}"))
    }
}

/// `2026-01-31 23:59:59`, with more after the seconds where `rest` says so.
fn moment(at: Timestamp, rest: &str) -> String {
    let text = at.to_string();
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    format!("{day} {}{rest}", time.split('.').next().unwrap_or_default())
}

fn plain(line: &Line) -> Vec<String> {
    let HistoryEntry { at_ms, kind, asset, direction, amount, balance, level, round, withdrawal, .. } =
        &line.entry;
    let [worth, currency] = line.worth();
    vec![
        at_ms.to_string(),
        kind.clone(),
        direction.as_str().to_owned(),
        asset.clone(),
        line.coins(*amount),
        line.coins(*balance),
        worth,
        currency,
        level.clone().unwrap_or_default(),
        round.map(|id| id.to_string()).unwrap_or_default(),
        withdrawal.map(|id| id.to_string()).unwrap_or_default(),
        line.transaction.clone().unwrap_or_default(),
        line.fee.map(|fee| line.coins(fee)).unwrap_or_default(),
    ]
}

fn koinly(line: &Line) -> Vec<String> {
    let ([sent, sent_of], [received, received_of]) = (line.sent(), line.moved(Direction::In));
    let [fee, fee_of] = line.of_asset(line.fee);
    let [worth, currency] = line.worth();
    let label = if line.entry.kind == "drip" { "reward" } else { "" };
    let date = moment(line.entry.at_ms, " UTC");
    vec![
        date,
        sent,
        sent_of,
        received,
        received_of,
        fee,
        fee_of,
        worth,
        currency,
        label.to_owned(),
        line.about(),
        line.id(),
    ]
}

fn cointracking(line: &Line) -> Vec<String> {
    let ([sold, sold_of], [bought, bought_of]) = (line.moved(Direction::Out), line.moved(Direction::In));
    let kind = match (line.entry.kind.as_str(), line.entry.direction) {
        ("drip", _) => "Reward / Bonus",
        (_, Direction::In) => "Deposit",
        (_, Direction::Out) => "Withdrawal",
    };
    let [fee, fee_of] = line.of_asset(line.fee);
    let date = moment(line.entry.at_ms, "");
    vec![
        kind.to_owned(),
        bought,
        bought_of,
        sold,
        sold_of,
        fee,
        fee_of,
        SOURCE.to_owned(),
        String::new(),
        line.about(),
        date,
        line.id(),
    ]
}

#[cfg(test)]
mod tests {
    use dripline_shared::amount::Asset;
    use dripline_shared::api::Worth;
    use dripline_shared::payout::WithdrawalId;
    use dripline_shared::round::RoundId;

    use super::*;

    fn lines() -> Vec<Line> {
        let entry = HistoryEntry {
            id: 7,
            at_ms: Timestamp(1_769_903_999_123),
            kind: "drip".to_owned(),
            asset: "DRIP".to_owned(),
            direction: Direction::In,
            amount: Amount::from_units(26_250),
            balance: Amount::from_units(126_250),
            level: Some("catch-1".to_owned()),
            round: Some(RoundId([1; 16])),
            withdrawal: None,
            transaction: None,
            worth: Some(Worth {
                currency: Asset { code: "EUR".to_owned(), decimals: 6 },
                amount: Amount::from_units(2_625),
            }),
        };
        let withdrawal = HistoryEntry {
            kind: "withdrawal".to_owned(),
            direction: Direction::Out,
            level: None,
            round: None,
            withdrawal: Some(WithdrawalId([2; 16])),
            worth: None,
            ..entry.clone()
        };
        let drip = Line { entry, decimals: 6, transaction: None, fee: None };
        let returned = HistoryEntry {
            kind: "returned".to_owned(),
            direction: Direction::In,
            amount: Amount::from_units(25_000),
            ..withdrawal.clone()
        };
        let (transaction, fee) = (Some("a, \"b\"".to_owned()), Some(Amount::from_units(1_250)));
        let waiting = Line { entry: withdrawal.clone(), ..drip.clone() };
        let returned = Line { entry: returned, ..drip.clone() };
        vec![drip.clone(), Line { entry: withdrawal, transaction, fee, ..drip }, waiting, returned]
    }

    fn written(format: Format) -> Vec<String> {
        let text = String::from_utf8(table(format, &lines()).unwrap()).unwrap();
        text.split_terminator("\r\n").skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn each_form_has_its_columns_and_quotes_what_has_to_be_quoted() {
        let (round, withdrawal) = ("01".repeat(16), "02".repeat(16));
        assert_eq!(
            written(Format::Plain),
            [
                format!(
                    "2026-01-31T23:59:59.123Z,drip,in,DRIP,0.02625,0.12625,0.002625,EUR,catch-1,{round},,,"
                ),
                format!(
                    "2026-01-31T23:59:59.123Z,withdrawal,out,DRIP,0.02625,0.12625,,,,,{withdrawal},\"a, \"\"b\"\"\",0.00125"
                ),
                format!("2026-01-31T23:59:59.123Z,withdrawal,out,DRIP,0.02625,0.12625,,,,,{withdrawal},,"),
                format!("2026-01-31T23:59:59.123Z,returned,in,DRIP,0.025,0.12625,,,,,{withdrawal},,"),
            ]
        );
        assert_eq!(
            written(Format::Koinly),
            [
                format!("2026-01-31 23:59:59 UTC,,,0.02625,DRIP,,,0.002625,EUR,reward,level catch-1,{round}"),
                "2026-01-31 23:59:59 UTC,0.025,DRIP,,,0.00125,DRIP,,,,withdrawal,\"a, \"\"b\"\"\"".to_owned(),
                format!("2026-01-31 23:59:59 UTC,0.02625,DRIP,,,,,,,,withdrawal,{withdrawal}"),
                format!("2026-01-31 23:59:59 UTC,,,0.025,DRIP,,,,,,returned,{withdrawal}"),
            ]
        );
        assert_eq!(
            written(Format::Cointracking),
            [
                format!(
                    "Reward / Bonus,0.02625,DRIP,,,,,Dripline,,level catch-1,2026-01-31 23:59:59,{round}"
                ),
                "Withdrawal,,,0.02625,DRIP,0.00125,DRIP,Dripline,,withdrawal,2026-01-31 23:59:59,\"a, \"\"b\"\"\""
                    .to_owned(),
                format!("Withdrawal,,,0.02625,DRIP,,,Dripline,,withdrawal,2026-01-31 23:59:59,{withdrawal}"),
                format!("Deposit,0.025,DRIP,,,,,Dripline,,returned,2026-01-31 23:59:59,{withdrawal}"),
            ]
        );
    }

    #[test]
    fn every_line_has_as_many_columns_as_there_are_names() {
        for format in [Format::Plain, Format::Koinly, Format::Cointracking] {
            let text = table(format, &lines()).unwrap();
            let mut read = csv::Reader::from_reader(&text[..]);
            let columns = read.headers().unwrap().len();
            assert!(read.records().all(|line| line.unwrap().len() == columns));
            let empty = String::from_utf8(table(format, &[]).unwrap()).unwrap();
            assert_eq!(empty.lines().count(), 1);
        }
    }
}
