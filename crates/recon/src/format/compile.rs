//! From a format file as written to a format that reads, every reference checked.

use std::ops::Range;

use toml::Spanned;
use types::Text;

use super::spec::{CheckSpec, FormatSpec, MoneySpec, RowSpec, StatusSpec, TrailerSpec};
use super::{
    CellRules, Charset, Container, FileRules, Format, FormatError, MoneyColumn, RowRule,
    StatusRule, Template, TimeLayout, TrailerCheck, TrailerLine,
};
use crate::{Flow, Status};

/// More columns than any statement has; bounds the work a line can ask for.
const MAX_COLUMNS: usize = 256;

struct Source<'a> {
    text: &'a str,
    file: &'a str,
}

impl Source<'_> {
    fn error(&self, span: Option<Range<usize>>, reason: impl Into<String>) -> FormatError {
        let line = span.map(|s| {
            let head = self.text.as_bytes().get(..s.start).unwrap_or_default();
            let breaks = memchr::memchr_iter(b'\n', head).count();
            u64::try_from(breaks).unwrap_or(u64::MAX).saturating_add(1)
        });
        FormatError { file: self.file.to_owned(), line, reason: reason.into() }
    }

    fn at<T>(&self, spanned: &Spanned<T>, reason: impl Into<String>) -> FormatError {
        self.error(Some(spanned.span()), reason)
    }

    fn one_char(&self, text: &Spanned<String>) -> Result<char, FormatError> {
        let mut chars = text.get_ref().chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) if c.is_ascii() && c != '\n' && c != '\r' => Ok(c),
            _ => Err(self.at(text, "one ASCII character is wanted")),
        }
    }

    fn template(&self, text: &Spanned<String>) -> Result<Template, FormatError> {
        Template::parse(text.get_ref()).map_err(|reason| self.at(text, reason))
    }
}

/// Compiles the text of one format file.
pub(super) fn compile(text: &str, file: &str) -> Result<Format, FormatError> {
    let source = Source { text, file };
    let spec: FormatSpec =
        toml::from_str(text).map_err(|e| source.error(e.span(), e.message().to_owned()))?;
    let id = spec.id.get_ref().clone();
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if id.is_empty() || id.len() > 40 || !id.bytes().all(plain) {
        return Err(source.at(&spec.id, "an id has 1 to 40 characters of a-z 0-9 -"));
    }
    let columns = Columns::new(&source, &spec)?;
    let rows = spec
        .row
        .iter()
        .map(|row| row_rule(&source, &columns, row))
        .collect::<Result<Vec<_>, _>>()?;
    if rows.is_empty() {
        return Err(source.error(None, "at least one [[row]] is wanted"));
    }
    check_rules_apart(&source, &spec.row, &rows)?;
    let (trailer, checks) = match &spec.trailer {
        Some(trailer) => trailer_rules(&source, &columns, &rows, trailer)?,
        None => (Vec::new(), Vec::new()),
    };
    let time = TimeLayout::parse(spec.time.layout.get_ref(), spec.time.zone.get_ref())
        .map_err(|e| source.at(&spec.time.layout, e.to_string()))?;
    if *spec.amount.decimals.get_ref() > 6 {
        return Err(source.at(&spec.amount.decimals, "at most 6 decimals"));
    }
    Ok(Format {
        id,
        name: Text::new(spec.en.clone(), spec.zh.clone()),
        file: file_rules(&source, &spec)?,
        cells: cell_rules(&source, &spec)?,
        scale: *spec.amount.decimals.get_ref(),
        time,
        preamble: spec.preamble.iter().map(|t| source.template(t)).collect::<Result<_, _>>()?,
        header: columns.names,
        rows,
        trailer,
        checks,
    })
}

struct Columns {
    names: Vec<String>,
}

impl Columns {
    fn new(source: &Source<'_>, spec: &FormatSpec) -> Result<Self, FormatError> {
        let header = spec.header.get_ref();
        if header.is_empty() || header.len() > MAX_COLUMNS {
            return Err(source.at(&spec.header, format!("1 to {MAX_COLUMNS} columns are wanted")));
        }
        let mut names: Vec<String> = Vec::with_capacity(header.len());
        for name in header {
            if names.contains(name.get_ref()) {
                let reason = format!("column '{}' is listed twice", name.get_ref());
                return Err(source.at(name, reason));
            }
            names.push(name.get_ref().clone());
        }
        Ok(Self { names })
    }

    fn find(&self, name: &str) -> Result<usize, String> {
        self.names
            .iter()
            .position(|n| n == name)
            .ok_or_else(|| format!("the header has no column '{name}'"))
    }

    fn at(&self, source: &Source<'_>, name: &Spanned<String>) -> Result<usize, FormatError> {
        self.find(name.get_ref()).map_err(|reason| source.at(name, reason))
    }

    fn optional(
        &self,
        source: &Source<'_>,
        name: Option<&Spanned<String>>,
    ) -> Result<Option<usize>, FormatError> {
        name.map(|n| self.at(source, n)).transpose()
    }
}

fn file_rules(source: &Source<'_>, spec: &FormatSpec) -> Result<FileRules, FormatError> {
    let charset = match spec.file.encoding.get_ref().as_str() {
        "utf-8" => Charset::Utf8,
        "gb18030" => Charset::Gb18030,
        _ => return Err(source.at(&spec.file.encoding, "the encoding is utf-8 or gb18030")),
    };
    let containers = spec
        .file
        .containers
        .iter()
        .map(|name| match name.get_ref().as_str() {
            "plain" => Ok(Container::Plain),
            "zip" => Ok(Container::Zip),
            "gzip" => Ok(Container::Gzip),
            _ => Err(source.at(name, "a container is plain, zip or gzip")),
        })
        .collect::<Result<Vec<_>, _>>()?;
    if containers.is_empty() {
        return Err(source.error(None, "file.containers names no container"));
    }
    let entry = match (&spec.file.entry, containers.contains(&Container::Zip)) {
        (Some(entry), true) => source.template(entry)?,
        (Some(entry), false) => return Err(source.at(entry, "no zip, so no entry")),
        (None, true) => return Err(source.error(None, "file.entry must name the zip's entry")),
        (None, false) => Template::parse("").map_err(|reason| source.error(None, reason))?,
    };
    let beside = spec.file.beside.iter().map(|t| source.template(t)).collect::<Result<_, _>>()?;
    Ok(FileRules { charset, containers, entry, beside })
}

fn cell_rules(source: &Source<'_>, spec: &FormatSpec) -> Result<CellRules, FormatError> {
    let cells = &spec.cells;
    let one = |c: &Option<Spanned<String>>| c.as_ref().map(|c| source.one_char(c)).transpose();
    let rules = CellRules {
        delimiter: source.one_char(&cells.delimiter)?,
        quote: one(&cells.quote)?,
        lead: one(&cells.lead)?,
        trail: one(&cells.trail)?,
        none: cells.none.clone(),
    };
    let special = [Some(rules.delimiter), rules.quote, rules.lead, rules.trail];
    let mut seen: Vec<char> = special.into_iter().flatten().collect();
    seen.sort_unstable();
    if seen.windows(2).any(|pair| pair.first() == pair.get(1)) {
        return Err(source.at(
            &cells.delimiter,
            "delimiter, quote, lead and trail must be different characters",
        ));
    }
    Ok(rules)
}

fn status(word: &str) -> Result<Status, String> {
    match word {
        "succeeded" => Ok(Status::Succeeded),
        "failed" => Ok(Status::Failed),
        "cancelled" => Ok(Status::Cancelled),
        _ => Err(format!("'{word}' is no status: succeeded, failed or cancelled")),
    }
}

fn money(
    source: &Source<'_>,
    columns: &Columns,
    spec: &MoneySpec,
) -> Result<MoneyColumn, FormatError> {
    let negated = match spec.sign.get_ref().as_str() {
        "as-written" => false,
        "negated" => true,
        _ => return Err(source.at(&spec.sign, "a sign is as-written or negated")),
    };
    Ok(MoneyColumn { column: columns.at(source, &spec.column)?, negated })
}

fn row_rule(
    source: &Source<'_>,
    columns: &Columns,
    spec: &RowSpec,
) -> Result<RowRule, FormatError> {
    let flow = match spec.kind.get_ref().as_str() {
        "pay" => Flow::Pay,
        "refund" => Flow::Refund,
        _ => return Err(source.at(&spec.kind, "a kind is pay or refund")),
    };
    let our_no = columns.optional(source, spec.our_no.as_ref())?;
    let channel_no = columns.optional(source, spec.channel_no.as_ref())?;
    if our_no.is_none() && channel_no.is_none() {
        return Err(source.at(&spec.name, "a row needs our_no or channel_no to be matched by"));
    }
    if spec.when.is.is_empty() {
        return Err(source.at(&spec.when.column, "when.is lists no word"));
    }
    let status = match spec.status.get_ref() {
        StatusSpec::Always(word) => {
            StatusRule::Always(status(word).map_err(|reason| source.at(&spec.status, reason))?)
        }
        StatusSpec::Words { column, words } => StatusRule::Words {
            column: columns.find(column).map_err(|reason| source.at(&spec.status, reason))?,
            words: words
                .iter()
                .map(|(word, meaning)| Ok((word.clone(), status(meaning)?)))
                .collect::<Result<_, String>>()
                .map_err(|reason| source.at(&spec.status, reason))?,
        },
    };
    Ok(RowRule {
        name: spec.name.get_ref().clone(),
        flow,
        when: (columns.at(source, &spec.when.column)?, spec.when.is.clone()),
        our_no,
        channel_no,
        refund_of: columns.optional(source, spec.refund_of.as_ref())?,
        amount: money(source, columns, &spec.amount)?,
        fee: spec.fee.as_ref().map(|fee| money(source, columns, fee)).transpose()?,
        time: columns.at(source, &spec.time)?,
        status,
        zero: spec.zero.iter().map(|c| columns.at(source, c)).collect::<Result<_, _>>()?,
    })
}

/// Two rules that claim the same word would make the order of the file decide.
fn check_rules_apart(
    source: &Source<'_>,
    specs: &[RowSpec],
    rules: &[RowRule],
) -> Result<(), FormatError> {
    for (place, (spec, rule)) in specs.iter().zip(rules).enumerate() {
        for other in rules.iter().take(place) {
            if other.name == rule.name {
                return Err(source.at(&spec.name, format!("row '{}' is named twice", rule.name)));
            }
            let same_column = other.when.0 == rule.when.0;
            if let Some(word) =
                rule.when.1.iter().find(|word| same_column && other.when.1.contains(word))
            {
                let reason = format!("'{word}' tells row '{}' already", other.name);
                return Err(source.at(&spec.name, reason));
            }
        }
    }
    Ok(())
}

type Trailer = (Vec<TrailerLine>, Vec<TrailerCheck>);

fn trailer_rules(
    source: &Source<'_>,
    columns: &Columns,
    rows: &[RowRule],
    spec: &TrailerSpec,
) -> Result<Trailer, FormatError> {
    let mut lines = Vec::new();
    for line in &spec.line {
        lines.push(match (&line.text, &line.cells) {
            (Some(text), None) => TrailerLine::Text(source.template(text)?),
            (None, Some(cells)) => {
                let names = cells.get_ref();
                if names.is_empty() || names.len() > MAX_COLUMNS {
                    return Err(source.at(cells, format!("1 to {MAX_COLUMNS} cells are wanted")));
                }
                let name = |c: &String| (!c.is_empty()).then(|| c.clone());
                TrailerLine::Cells(names.iter().map(name).collect())
            }
            _ => return Err(source.error(None, "a trailer line has either text or cells")),
        });
    }
    // The first line is what tells the trailer from another row.
    if !matches!(lines.first(), Some(TrailerLine::Text(_))) {
        return Err(source.error(None, "the first trailer line must be a text"));
    }
    let checks = spec
        .check
        .iter()
        .map(|check| trailer_check(source, columns, rows, &lines, check))
        .collect::<Result<Vec<_>, _>>()?;
    if checks.is_empty() {
        return Err(source.error(None, "a trailer without [[trailer.check]] proves nothing"));
    }
    let names = lines.iter().flat_map(line_names);
    for name in names {
        if !checks.iter().any(|c| c.value == name) {
            let reason = format!("'{name}' is read from the trailer and never checked");
            return Err(source.error(None, reason));
        }
    }
    Ok((lines, checks))
}

fn line_names(line: &TrailerLine) -> Vec<&str> {
    match line {
        TrailerLine::Text(template) => template.names().collect(),
        TrailerLine::Cells(cells) => cells.iter().flatten().map(String::as_str).collect(),
    }
}

fn trailer_check(
    source: &Source<'_>,
    columns: &Columns,
    rows: &[RowRule],
    lines: &[TrailerLine],
    spec: &CheckSpec,
) -> Result<TrailerCheck, FormatError> {
    let value = spec.value.get_ref();
    let feeding = lines.iter().flat_map(line_names).filter(|n| n == value).count();
    if feeding != 1 {
        let reason = format!("'{value}' is read by {feeding} trailer lines; one is wanted");
        return Err(source.at(&spec.value, reason));
    }
    let sum = match (&spec.sum, &spec.count) {
        (Some(column), None) => Some(columns.at(source, column)?),
        (None, Some(what)) if what.get_ref() == "rows" => None,
        _ => return Err(source.at(&spec.value, "a check has sum = \"column\" or count = \"rows\"")),
    };
    let rows = spec
        .rows
        .iter()
        .map(|name| {
            rows.iter()
                .position(|r| r.name == *name.get_ref())
                .ok_or_else(|| source.at(name, format!("no [[row]] is named '{}'", name.get_ref())))
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(TrailerCheck { value: value.clone(), sum, rows })
}
