//! Expressions of GitHub Actions, as far as a matrix entry decides them.
//!
//! Nothing is run: what an expression needs besides the entry is unknown.

use crate::workflows::values::{AbstractValue, Tri};
use github_actions_expressions::call::{Call, Function};
use github_actions_expressions::context::Context;
use github_actions_expressions::literal::Literal;
use github_actions_expressions::op::{BinExpr, BinOp};
use github_actions_expressions::{Evaluation, Expr, SpannedExpr};

/// Gives the value of a context such as `matrix.group`, when it is known.
pub(crate) type Lookup<'a> = dyn Fn(&str) -> Option<AbstractValue> + 'a;

/// The maximum length of an expression, in bytes: a chain of operators becomes a tree that is as deep as the chain is
/// long.
const MAX_EXPRESSION: usize = 4 << 10;

/// The value of an expression, with or without `${{ }}` around it.
#[must_use]
pub(crate) fn evaluate(text: &str, lookup: &Lookup<'_>) -> AbstractValue {
    let inner = text.trim();
    let inner = inner.strip_prefix("${{").and_then(|t| t.strip_suffix("}}")).unwrap_or(inner);
    if inner.len() > MAX_EXPRESSION {
        return unknown(inner);
    }
    Expr::parse(inner).map_or_else(|_| unknown(inner), |tree| value(&tree, lookup))
}

/// The value of a text in which expressions are replaced.
#[must_use]
pub(crate) fn interpolate(text: &str, lookup: &Lookup<'_>) -> AbstractValue {
    let mut out = String::new();
    let mut all = Tri::True;
    let mut rest = text;
    while let Some((before, inner)) = rest.split_once("${{") {
        let Some((inner, behind)) = inner.split_once("}}") else { return unknown(text) };
        let value = evaluate(inner, lookup);
        if before.is_empty() && behind.is_empty() && out.is_empty() {
            return value;
        }
        out.push_str(before);
        match value.text() {
            Some(text) => out.push_str(text),
            None => all = all.and(value.truth()),
        }
        rest = behind;
    }
    out.push_str(rest);
    if all == Tri::True { AbstractValue::Text(out) } else { all.into() }
}

/// The value of what is not understood.
fn unknown(text: &str) -> AbstractValue {
    if text.contains("matrix") { AbstractValue::Unclear } else { AbstractValue::Free }
}

/// The value of a part of an expression. Recursion is bounded by the length of expressions.
fn value(part: &SpannedExpr<'_>, lookup: &Lookup<'_>) -> AbstractValue {
    let understood = match &part.inner {
        Expr::Literal(Literal::String(text)) => Some(AbstractValue::Text(text.clone().into_owned())),
        Expr::Literal(Literal::Boolean(value)) => Some(AbstractValue::Bool(*value)),
        Expr::Literal(Literal::Null) => Some(AbstractValue::Text(String::new())),
        Expr::Literal(Literal::Number(number)) => {
            Some(if *number == 0.0 { AbstractValue::Bool(false) } else { AbstractValue::Text(number.to_string()) })
        }
        Expr::Context(context) => path(context).and_then(|path| lookup(&path)),
        Expr::BinExpr(operation) => Some(operate(operation, lookup)),
        Expr::UnExpr { expr, .. } => Some(value(expr, lookup).truth().negate().into()),
        Expr::Call(call) => apply(call, lookup),
        Expr::Star | Expr::Identifier(_) | Expr::Index(_) => None,
    };
    understood.unwrap_or_else(|| unknown(part.origin.raw))
}

/// `matrix.group` for itself and for `matrix['group']`.
fn path(context: &Context<'_>) -> Option<String> {
    let names = context.parts.iter().map(|part| match &part.inner {
        Expr::Identifier(name) => Some(name.as_str().to_owned()),
        Expr::Index(index) => match &index.inner {
            Expr::Literal(Literal::String(name)) => Some(name.clone().into_owned()),
            _ => None,
        },
        _ => None,
    });
    let mut names = names.collect::<Option<Vec<String>>>()?;
    names.first_mut()?.make_ascii_lowercase();
    Some(names.join("."))
}

fn operate(operation: &BinExpr<'_>, lookup: &Lookup<'_>) -> AbstractValue {
    let (left, right) = (&operation.lhs, &operation.rhs);
    if !matches!(operation.op, BinOp::And | BinOp::Or) {
        return match (known(left, lookup), known(right, lookup)) {
            (Ok(a), Ok(b)) => AbstractValue::Bool(compare(&operation.op, &a, &b)),
            (Err(a), Err(b)) => a.and(b).into(),
            (Err(unsure), _) | (_, Err(unsure)) => unsure.into(),
        };
    }
    let first = value(left, lookup);
    match (&operation.op, first.truth()) {
        (BinOp::And, Tri::True) | (BinOp::Or, Tri::False) => value(right, lookup),
        (BinOp::And, Tri::False) | (BinOp::Or, Tri::True) => first,
        (BinOp::And, unsure) => unsure.and(value(right, lookup).truth()).into(),
        (_, unsure) => unsure.or(value(right, lookup).truth()).and(Tri::Free).into(),
    }
}

/// A side of a comparison, when it is known.
fn known(side: &SpannedExpr<'_>, lookup: &Lookup<'_>) -> Result<Evaluation, Tri> {
    match &side.inner {
        Expr::Literal(Literal::Number(number)) => return Ok(Evaluation::Number(*number)),
        Expr::Literal(Literal::Null) => return Ok(Evaluation::Null),
        _ => {}
    }
    match value(side, lookup) {
        AbstractValue::Text(text) => Ok(Evaluation::String(text)),
        AbstractValue::Bool(value) => Ok(Evaluation::Boolean(value)),
        unsure => Err(unsure.truth()),
    }
}

fn compare(operator: &BinOp, a: &Evaluation, b: &Evaluation) -> bool {
    let (a, b) = (a.sema(), b.sema());
    match operator {
        BinOp::Neq => a != b,
        BinOp::Gt => a > b,
        BinOp::Ge => a >= b,
        BinOp::Lt => a < b,
        BinOp::Le => a <= b,
        BinOp::Eq | BinOp::And | BinOp::Or => a == b,
    }
}

/// The functions on two texts.
fn apply(call: &Call<'_>, lookup: &Lookup<'_>) -> Option<AbstractValue> {
    let [a, b] = call.args.as_slice() else { return None };
    let lower = |part| value(part, lookup).text().map(str::to_lowercase);
    let (a, b) = (lower(a)?, lower(b)?);
    match call.func {
        Function::Contains => Some(AbstractValue::Bool(a.contains(&b))),
        Function::StartsWith => Some(AbstractValue::Bool(a.starts_with(&b))),
        Function::EndsWith => Some(AbstractValue::Bool(a.ends_with(&b))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(text: &str) -> Tri {
        let lookup = |name: &str| match name {
            "matrix.group" => Some(AbstractValue::Text("auto-merge".into())),
            "matrix.auto_merge" => Some(AbstractValue::Bool(false)),
            "matrix.none" => Some(AbstractValue::Text(String::new())),
            _ => None,
        };
        evaluate(text, &lookup).truth()
    }

    #[test]
    fn what_the_entry_decides_is_decided() {
        for (text, wanted) in [
            ("matrix.group == 'auto-merge'", Tri::True),
            ("${{ matrix.group == 'AUTO-MERGE' }}", Tri::True),
            ("matrix.group != 'auto-merge' && always()", Tri::False),
            ("!(matrix.auto_merge)", Tri::True),
            ("matrix.none || 'main'", Tri::True),
            ("(matrix.none || 'main') == 'main'", Tri::True),
            ("contains(matrix.group, 'manual') || false", Tri::False),
            ("startsWith(matrix.group, 'auto')", Tri::True),
            ("Matrix['group'] == 'auto-merge'", Tri::True),
            ("matrix.none == null && matrix.auto_merge == 0 && 1 < 2 && 1 <= 2", Tri::True),
        ] {
            assert_eq!(truth(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_boolean_is_not_the_text_that_looks_like_it() {
        assert_eq!(truth("matrix.auto_merge == 'false'"), Tri::False);
        assert_eq!(truth("matrix.auto_merge == false"), Tri::True);
    }

    #[test]
    fn what_the_entry_does_not_decide_is_possible() {
        for text in
            ["steps.a.outputs.b == 'true'", "github.event_name == 'push' && matrix.group == 'auto-merge'", "f('x')"]
        {
            assert_eq!(truth(text), Tri::Free, "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_about_the_entry_is_unclear() {
        for text in ["fromJSON(matrix.group).x", "matrix[env.x] == 'x'", "matrix.group == ", "hashFiles(matrix.group)"]
        {
            assert_eq!(truth(text), Tri::Unclear, "{text}");
        }
    }

    #[test]
    fn a_text_is_known_when_all_its_expressions_are() {
        let lookup = |name: &str| (name == "matrix.a").then(|| AbstractValue::Text("x".into()));
        let text = |text: &str| AbstractValue::Text(text.into());
        assert_eq!(interpolate("auto/${{ matrix.a }}-${{ matrix.a }}", &lookup), text("auto/x-x"));
        assert_eq!(interpolate("auto", &lookup), text("auto"));
        assert_eq!(interpolate("auto/${{ github.ref }}", &lookup), AbstractValue::Free);
        assert_eq!(interpolate("${{ matrix.a == 'x' }}", &lookup), AbstractValue::Bool(true));
        assert_eq!(interpolate("a ${{ matrix.a", &lookup), AbstractValue::Unclear);
    }

    #[test]
    fn hostile_expressions_end() {
        for text in [
            "(".repeat(100_000),
            "!".repeat(100_000),
            "f(".repeat(100_000),
            "'".into(),
            "ä".into(),
            String::new(),
            "1||".repeat(100_000) + "1",
            "0||".repeat(1_300) + "f(0)",
        ] {
            assert_eq!(truth(&text), Tri::Free);
        }
    }
}
