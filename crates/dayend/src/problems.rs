//! What a day's end refuses.

use crate::Step;
use types::{BusinessDate, Problem, ProblemKind, Timestamp};

pub(crate) fn unknown(date: BusinessDate, step: &str) -> Problem {
    let zh = format!("{date} 的日终没有步骤“{step}”");
    let en = format!("the end of {date} has no step '{step}'");
    Problem::new(ProblemKind::NotFound, "day_end_step_unknown", en, zh).at("step")
}

pub(crate) fn blocked(step: Step, before: Step) -> Problem {
    let (step, before) = (step.word(), before.word());
    let en = format!("'{step}' waits for '{before}'");
    let zh = format!("步骤“{step}”须待“{before}”完成");
    Problem::new(ProblemKind::Conflict, "day_end_step_blocked", en, zh).at("step")
}

pub(crate) fn early(step: Step, from: Timestamp) -> Problem {
    let step = step.word();
    let en = format!("'{step}' may not be taken before {from}");
    let zh = format!("步骤“{step}”不得早于 {from} 执行");
    Problem::new(ProblemKind::Conflict, "day_end_step_early", en, zh).at("step")
}

pub(crate) fn stopped(fault: &impl ToString) -> Problem {
    let (en, zh) = (format!("the step was broken off: {}", fault.to_string()), "步骤被中断");
    Problem::new(ProblemKind::Internal, "day_end_step_stopped", en, zh)
}

pub(crate) fn statement_file(fault: &impl ToString) -> Problem {
    let fault = fault.to_string();
    let en = format!("a statement cannot be kept or read: {fault}");
    let zh = format!("对账单无法保存或读取：{fault}");
    Problem::new(ProblemKind::Internal, "statement_file_unusable", en, zh)
}

pub(crate) fn unproved(findings: &[String]) -> Problem {
    let shown: Vec<&str> = findings.iter().take(3).map(String::as_str).collect();
    let (count, shown) = (findings.len(), shown.join("; "));
    let en = format!("the proofs have {count} findings: {shown}");
    let zh = format!("账务核对有 {count} 项不符：{shown}");
    Problem::new(ProblemKind::Internal, "proofs_fail", en, zh)
}
