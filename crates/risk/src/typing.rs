//! The type check: which expressions a rule may be made of.
//!
//! CEL itself finds unlike types only where an evaluation passes, and calls `'1' == 1` false. Here
//! every branch is checked at load, against a closed subset that always ends and never meets a
//! float: names, literals, `&& || ! ?:`, comparisons, whole-number arithmetic, `in` over a written
//! list, and four functions on texts.

use std::collections::BTreeSet;
use std::sync::Arc;

use cel::common::ast::{CallExpr, Expr, LiteralValue, operators as op};

use crate::catalog::Type;
use crate::names::{Names, Slot};

/// Deepest nesting of an expression.
const DEEPEST: usize = 32;

/// What an expression yields.
enum Yield {
    Bool,
    Int,
    Text(Option<Arc<[String]>>),
    /// A text that is written out, so that it can be held against a domain.
    Literal(String),
    /// A written list: what each of its elements yields.
    List(Vec<Yield>),
}

/// Checks that `expr` yields a bool, and returns what it reads.
pub(crate) fn check(expr: &Expr, names: &Names) -> Result<BTreeSet<Slot>, String> {
    let mut checker = Checker { names, reads: BTreeSet::new() };
    match checker.of(expr, 0)? {
        Yield::Bool => Ok(checker.reads),
        other => Err(format!("the expression yields {}, not bool", other.name())),
    }
}

struct Checker<'a> {
    names: &'a Names,
    reads: BTreeSet<Slot>,
}

impl Yield {
    const fn name(&self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Text(_) | Self::Literal(_) => "text",
            Self::List(_) => "a list",
        }
    }
}

impl Checker<'_> {
    fn of(&mut self, expr: &Expr, depth: usize) -> Result<Yield, String> {
        if depth > DEEPEST {
            return Err(format!("the expression is nested deeper than {DEEPEST}"));
        }
        let deeper = depth.saturating_add(1);
        match expr {
            Expr::Literal(literal) => of_literal(literal),
            Expr::Ident(name) => self.name(name),
            Expr::Select(select) if select.test => {
                Err("has() is not used here: write known.x for has(event.x)".to_owned())
            }
            Expr::Select(select) => match &select.operand.expr {
                Expr::Ident(space) => self.name(&format!("{space}.{}", select.field)),
                _ => Err(format!("'.{}' stands behind something that has no fields", select.field)),
            },
            Expr::List(list) => {
                let elements = list.elements.iter().map(|e| self.of(&e.expr, deeper));
                of_list(elements.collect::<Result<_, _>>()?)
            }
            Expr::Call(call) => self.call(call, deeper),
            Expr::Comprehension(_) => Err("all, exists, map and filter are not allowed".to_owned()),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                Err("maps and structures are not allowed".to_owned())
            }
        }
    }

    fn name(&mut self, name: &str) -> Result<Yield, String> {
        let found = self.names.get(name).ok_or_else(|| format!("'{name}' is not declared"))?;
        self.reads.insert(found.slot);
        Ok(match &found.ty {
            Type::Bool => Yield::Bool,
            Type::Int => Yield::Int,
            Type::Text(domain) => Yield::Text(domain.clone()),
        })
    }

    fn call(&mut self, call: &CallExpr, depth: usize) -> Result<Yield, String> {
        let name = call.func_name.as_str();
        let mut of = |e: &cel::IdedExpr| self.of(&e.expr, depth);
        if let Some(target) = &call.target {
            if !matches!(name, "startsWith" | "endsWith" | "contains") {
                return Err(format!("the function {name}() is not allowed"));
            }
            let target = of(target)?;
            let [argument] = call.args.as_slice() else {
                return Err(format!("{name}() takes one argument"));
            };
            let argument = of(argument)?;
            return match (&target, &argument) {
                (Yield::Text(_) | Yield::Literal(_), Yield::Text(_) | Yield::Literal(_)) => {
                    Ok(Yield::Bool)
                }
                _ => Err(unlike(name, &target, &argument)),
            };
        }
        match call.args.as_slice() {
            [one] => of_unary(name, &of(one)?),
            [left, right] => {
                let divides = matches!(name, op::DIVIDE | op::MODULO);
                if divides && is_zero(&right.expr) {
                    return Err("it divides by zero".to_owned());
                }
                of_binary(name, &of(left)?, &of(right)?)
            }
            [condition, left, right] if name == op::CONDITIONAL => {
                let condition = of(condition)?;
                if !matches!(condition, Yield::Bool) {
                    return Err(format!("?: asks a bool, not {}", condition.name()));
                }
                of_branches(of(left)?, of(right)?)
            }
            _ => Err(format!("the function {name}() is not allowed")),
        }
    }
}

fn of_literal(literal: &LiteralValue) -> Result<Yield, String> {
    match literal {
        LiteralValue::Boolean(_) => Ok(Yield::Bool),
        LiteralValue::Int(_) => Ok(Yield::Int),
        LiteralValue::String(text) => Ok(Yield::Literal(text.inner().to_owned())),
        LiteralValue::Double(_) => {
            Err("it has a fraction: numbers are whole, money is in minor units".to_owned())
        }
        LiteralValue::UInt(_) => Err("unsigned numbers are not allowed: drop the u".to_owned()),
        LiteralValue::Bytes(_) | LiteralValue::Null => {
            Err("bytes and null are not allowed".to_owned())
        }
    }
}

fn of_list(elements: Vec<Yield>) -> Result<Yield, String> {
    if elements.is_empty() {
        return Err("a list is empty".to_owned());
    }
    if let Some(list) = elements.iter().find(|e| matches!(e, Yield::List(_))) {
        return Err(format!("a list holds {}", list.name()));
    }
    Ok(Yield::List(elements))
}

fn of_unary(name: &str, operand: &Yield) -> Result<Yield, String> {
    match (name, operand) {
        (op::LOGICAL_NOT, Yield::Bool) => Ok(Yield::Bool),
        (op::NEGATE, Yield::Int) | ("size", Yield::Text(_)) => Ok(Yield::Int),
        (op::LOGICAL_NOT | op::NEGATE | "size", other) => {
            Err(format!("'{}' does not apply to {}", sign(name), other.name()))
        }
        _ => Err(format!("the function {name}() is not allowed")),
    }
}

fn of_binary(name: &str, left: &Yield, right: &Yield) -> Result<Yield, String> {
    match (name, left, right) {
        (op::LOGICAL_AND | op::LOGICAL_OR, Yield::Bool, Yield::Bool)
        | (op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS, Yield::Int, Yield::Int) => {
            Ok(Yield::Bool)
        }
        (
            op::ADD | op::SUBSTRACT | op::MULTIPLY | op::DIVIDE | op::MODULO,
            Yield::Int,
            Yield::Int,
        ) => Ok(Yield::Int),
        (op::EQUALS | op::NOT_EQUALS, _, _) => comparable(name, left, right),
        (op::IN, _, Yield::List(elements)) => {
            elements.iter().try_fold(Yield::Bool, |_, element| comparable(name, left, element))
        }
        _ if sign(name) == name && name != op::IN => {
            Err(format!("the function {name}() is not allowed"))
        }
        _ => Err(unlike(name, left, right)),
    }
}

/// Equality holds between like types only.
fn comparable(name: &str, left: &Yield, right: &Yield) -> Result<Yield, String> {
    match (left, right) {
        (Yield::Text(domain), Yield::Literal(text))
        | (Yield::Literal(text), Yield::Text(domain)) => in_domain(domain.as_deref(), text)?,
        (Yield::Bool, Yield::Bool)
        | (Yield::Int, Yield::Int)
        | (Yield::Text(_), Yield::Text(_))
        | (Yield::Literal(_), Yield::Literal(_)) => {}
        _ => return Err(unlike(name, left, right)),
    }
    Ok(Yield::Bool)
}

fn of_branches(left: Yield, right: Yield) -> Result<Yield, String> {
    match (left, right) {
        (Yield::Bool, Yield::Bool) => Ok(Yield::Bool),
        (Yield::Int, Yield::Int) => Ok(Yield::Int),
        (Yield::Text(_) | Yield::Literal(_), Yield::Text(_) | Yield::Literal(_)) => {
            Ok(Yield::Text(None))
        }
        (left, right) => Err(unlike(op::CONDITIONAL, &left, &right)),
    }
}

/// A text that the element can never have is a slip of the pen.
fn in_domain(domain: Option<&[String]>, text: &str) -> Result<(), String> {
    match domain {
        Some(domain) if !domain.iter().any(|d| d == text) => {
            Err(format!("'{text}' is none of {}", domain.join(", ")))
        }
        _ => Ok(()),
    }
}

fn is_zero(expr: &Expr) -> bool {
    matches!(expr, Expr::Literal(LiteralValue::Int(value)) if *value.inner() == 0)
}

fn unlike(name: &str, left: &Yield, right: &Yield) -> String {
    format!("'{}' does not apply to {} and {}", sign(name), left.name(), right.name())
}

/// The operator as people write it: `_>=_` is `>=`.
fn sign(name: &str) -> &str {
    name.trim_matches(['_', '@'])
}
