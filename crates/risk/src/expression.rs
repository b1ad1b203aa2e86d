//! A rule's condition: CEL, bounded, checked at load, asked in microseconds.

use std::sync::{Arc, LazyLock};

use cel::{Context, Env, Program, Value};

use crate::names::{Names, Slot, Values};
use crate::typing;

/// Longest expression, bytes.
const LONGEST: usize = 1_000;
/// Deepest nesting of brackets; also bounds the parser's recursion.
const DEEPEST_BRACKETS: usize = 16;
/// Most operators of one kind in a row (`!!!!x`, `1--1`), which brackets do not bound.
const LONGEST_RUN: usize = 8;

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// A compiled condition.
#[derive(Debug)]
pub(crate) struct Expression {
    program: Program,
    reads: Vec<Slot>,
    /// What it cannot do without: what it reads, except elements it asks `known` about.
    needs: Vec<Slot>,
}

/// Why a condition gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// The event lacks an element that it reads.
    Missing,
    /// Its arithmetic left the range of whole numbers, or divided by zero, or it read an element
    /// that the event lacks in spite of asking `known`.
    Failed,
}

impl Expression {
    /// Compiles and checks. Call it on a thread with a large stack: the parser recurses.
    pub(crate) fn compile(text: &str, names: &Names) -> Result<Self, String> {
        bound(text)?;
        let program = ENV.compile(text).map_err(|e| {
            let first = e.errors.first().map(|e| (e.pos, e.msg.clone()));
            let ((line, column), message) = first.unwrap_or_default();
            format!("no CEL expression (line {line}, column {column}): {message}")
        })?;
        let reads = typing::check(&program.expression().expr, names)?;
        let guarded = |slot: &Slot| match slot {
            Slot::Event(place) => reads.contains(&Slot::Known(*place)),
            _ => false,
        };
        let needs = reads.iter().filter(|slot| !guarded(slot)).copied().collect();
        Ok(Self { program, needs, reads: reads.into_iter().collect() })
    }

    /// What it reads.
    pub(crate) fn reads(&self) -> &[Slot] {
        &self.reads
    }

    /// Asks it.
    pub(crate) fn ask(
        &self,
        values: &Values<'_>,
        context: &Context<'_, '_>,
    ) -> Result<bool, NoAnswer> {
        if self.needs.iter().any(|slot| !values.has(*slot)) {
            return Err(NoAnswer::Missing);
        }
        match self.program.execute(context) {
            Ok(Value::Bool(answer)) => Ok(answer),
            _ => Err(NoAnswer::Failed),
        }
    }
}

/// What [`Expression::ask`] evaluates in.
pub(crate) fn context<'v>(values: &'v Values<'v>) -> Context<'v, 'v> {
    let mut context = Context::with_env(ENV.clone());
    context.set_variable_resolver(values);
    context
}

/// Refuses what is too long or too deep before the parser sees it. Brackets inside texts count
/// too: telling them apart would trust a second reading of the grammar.
fn bound(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("the expression is empty".to_owned());
    }
    if text.len() > LONGEST {
        return Err(format!("the expression is longer than {LONGEST} bytes"));
    }
    let (mut depth, mut run) = (0usize, 0usize);
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        run = if matches!(c, '!' | '-') { run.saturating_add(1) } else { 0 };
        match c {
            '(' | '[' | '{' => depth = depth.saturating_add(1),
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST_BRACKETS || run > LONGEST_RUN {
            return Err(format!("the expression is nested deeper than {DEEPEST_BRACKETS}"));
        }
    }
    Ok(())
}
