//! GraphQL: runs any document over the objects and fields that `nodes.rs` knows. Errors come with status 200.

mod commits;
mod mutations;
mod nodes;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use graphql_parser::query::{
    Definition, Document, Field, OperationDefinition, Selection, SelectionSet, TypeCondition, Value as Literal,
    parse_query,
};
use serde_json::{Map, Value, json};

use super::bodies::Bodies;
use super::http::Answer;
use super::serve::Call;
use super::state::State;
use super::token::Access;

/// A key of an object that stands for all entries of a connection.
const LIST: &str = "$list";

/// A key of an object that is made when it is asked for: pull requests by number, commits by id.
const PULL: &str = "$pull";
const COMMIT: &str = "$commit";

/// An error in GitHub's form.
#[derive(Debug)]
pub(crate) struct Refusal(Value);

fn refusal(kind: &str, message: &str) -> Refusal {
    Refusal(json!({ "type": kind, "message": message }))
}

/// The name of the operation that a request asks for, and whether it is a mutation.
pub(crate) fn operation(body: &Value, document: &str) -> (String, bool) {
    let Ok(document) = parsed(document) else { return (String::new(), false) };
    let found = wanted(&document, body["operationName"].as_str());
    found.map(|(name, mutation, _)| (name.to_owned(), mutation)).unwrap_or_default()
}

/// The document of a query. A program has few of them, and sends each many times: every one is parsed once.
fn parsed(text: &str) -> Result<Arc<Document<'static, String>>, String> {
    static PARSED: Mutex<BTreeMap<String, Arc<Document<'static, String>>>> = Mutex::new(BTreeMap::new());
    if let Some(document) = PARSED.lock().unwrap().get(text) {
        return Ok(document.clone());
    }
    let document = Arc::new(parse_query::<String>(text).map_err(|error| error.to_string())?.into_static());
    PARSED.lock().unwrap().insert(text.to_owned(), document.clone());
    Ok(document)
}

/// The operation of that name, else the first: name, whether it is a mutation, what it selects.
fn wanted<'d>(
    document: &'d Document<'static, String>,
    name: Option<&str>,
) -> Option<(&'d str, bool, &'d SelectionSet<'static, String>)> {
    let operations = document.definitions.iter().filter_map(|definition| match definition {
        Definition::Operation(OperationDefinition::Query(query)) => {
            Some((query.name.as_deref().unwrap_or(""), false, &query.selection_set))
        }
        Definition::Operation(OperationDefinition::Mutation(mutation)) => {
            Some((mutation.name.as_deref().unwrap_or(""), true, &mutation.selection_set))
        }
        _ => None,
    });
    let mut operations = operations.filter(|(known, ..)| name.is_none_or(|name| name == *known));
    operations.next()
}

pub(crate) fn answer(state: &mut State, call: &Call) -> Answer {
    let Some(text) = call.text("query") else {
        return Answer::json(400, json!({ "message": "A query attribute must be specified and must be a string." }));
    };
    let document = match parsed(text) {
        Ok(document) => document,
        Err(error) => return Answer::json(200, json!({ "errors": [{ "message": error }] })),
    };
    let Some((_, mutation, selected)) = wanted(&document, call.text("operationName")) else {
        return Answer::json(200, json!({ "errors": [{ "message": "No operation named as asked" }] }));
    };
    let variables = &call.body["variables"];
    if let Some(name) = too_wide(variables) {
        let message = format!("Variable ${name} of type Int! was provided invalid value");
        return Answer::json(
            200,
            json!({ "errors": [{ "message": message, "extensions": { "value": variables[name] } }] }),
        );
    }
    let mut root = Map::new();
    if mutation {
        root.insert("__typename".into(), json!("Mutation"));
        for selection in &selected.items {
            let Selection::Field(field) = selection else { continue };
            let input = arguments(field, variables)["input"].clone();
            match mutations::run(state, call, &field.name, &input) {
                Ok(value) => drop(root.insert(field.name.clone(), value)),
                Err(Refusal(mut error)) => {
                    error["path"] = json!([field.name]);
                    return Answer::json(200, json!({ "data": { (field.name.as_str()): null }, "errors": [error] }));
                }
            }
        }
    }
    let run = Run { state, call, document: &document, variables, errors: RefCell::default() };
    if !mutation {
        root = run.root();
    }
    let data = run.object(&Value::Object(root), selected, &[]);
    let errors = run.errors.into_inner();
    match data {
        Err(Refusal(error)) => Answer::json(200, json!({ "errors": [error] })),
        Ok(data) if errors.is_empty() => Answer::json(200, json!({ "data": data })),
        Ok(data) => Answer::json(200, json!({ "data": data, "errors": errors })),
    }
}

/// The first variable that is a number of more than the 32 bits that an `Int` has.
fn too_wide(variables: &Value) -> Option<&str> {
    let narrow = |value: &Value| value.as_i64().is_some_and(|number| i32::try_from(number).is_ok());
    let wide = |(_, value): &(&String, &Value)| value.is_number() && !narrow(value);
    variables.as_object()?.iter().find(wide).map(|(name, _)| name.as_str())
}

/// The arguments of a field, variables put in.
fn arguments(field: &Field<'_, String>, variables: &Value) -> Value {
    fn literal(value: &Literal<'_, String>, variables: &Value) -> Value {
        match value {
            Literal::Variable(name) => variables[name.as_str()].clone(),
            Literal::Int(number) => json!(number.as_i64()),
            Literal::Float(number) => json!(number),
            Literal::String(text) | Literal::Enum(text) => json!(text),
            Literal::Boolean(flag) => json!(flag),
            Literal::Null => Value::Null,
            Literal::List(items) => items.iter().map(|item| literal(item, variables)).collect(),
            Literal::Object(fields) => {
                let fields = fields.iter().map(|(name, value)| (name.clone(), literal(value, variables)));
                Value::Object(fields.collect())
            }
        }
    }
    let named = field.arguments.iter().map(|(name, value)| (name.clone(), literal(value, variables)));
    Value::Object(named.collect())
}

/// One run of a query over the state.
struct Run<'a> {
    state: &'a State,
    call: &'a Call,
    document: &'a Document<'static, String>,
    variables: &'a Value,
    errors: RefCell<Vec<Value>>,
}

impl Run<'_> {
    fn bodies(&self) -> Bodies<'_> {
        Bodies::new(self.state, self.call)
    }

    /// An object with the fields that were selected, in their order. Err: the document is wrong.
    fn object(&self, of: &Value, selected: &SelectionSet<'_, String>, path: &[Value]) -> Result<Value, Refusal> {
        let mut out = Map::new();
        self.select(of, selected, path, &mut out)?;
        Ok(Value::Object(out))
    }

    fn select(
        &self,
        of: &Value,
        selected: &SelectionSet<'_, String>,
        path: &[Value],
        out: &mut Map<String, Value>,
    ) -> Result<(), Refusal> {
        let applies = |to: Option<&TypeCondition<'_, String>>| match to {
            Some(TypeCondition::On(name)) => {
                of["__typename"] == json!(name)
                    || ["Actor", "Node", "PullRequestTimelineItems", "CheckRunConnection"].contains(&name.as_str())
            }
            None => true,
        };
        for selection in &selected.items {
            match selection {
                Selection::Field(field) => {
                    let key = field.alias.as_ref().unwrap_or(&field.name);
                    let path = [path, &[json!(key)]].concat();
                    out.insert(key.clone(), self.field(of, field, &path)?);
                }
                Selection::InlineFragment(inline) if applies(inline.type_condition.as_ref()) => {
                    self.select(of, &inline.selection_set, path, out)?;
                }
                Selection::InlineFragment(_) => {}
                Selection::FragmentSpread(spread) => {
                    let found = self.document.definitions.iter().find_map(|definition| match definition {
                        Definition::Fragment(fragment) if fragment.name == spread.fragment_name => Some(fragment),
                        _ => None,
                    });
                    let message = format!("Fragment {} was used, but not defined", spread.fragment_name);
                    let fragment = found.ok_or_else(|| refusal("undefined", &message))?;
                    if applies(Some(&fragment.type_condition)) {
                        self.select(of, &fragment.selection_set, path, out)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn field(&self, of: &Value, field: &Field<'_, String>, path: &[Value]) -> Result<Value, Refusal> {
        let arguments = arguments(field, self.variables);
        let kind = of["__typename"].as_str().unwrap_or("");
        let value = match (kind, field.name.as_str()) {
            ("Query", "repository") => self.repository(&arguments, path),
            ("Query", "node") => self.node(&arguments, path),
            ("Repository", "mergeQueue") => self.merge_queue(&arguments),
            ("Repository", "ref") => self.reference(&arguments),
            ("Repository", "object") => self.git_object(&arguments),
            ("Repository", "pullRequest") => self.pull_by_number(&arguments, path),
            ("Commit", "history") => self.history(of),
            ("Commit", "file") => self.file(of, &arguments),
            ("Commit", "associatedPullRequests") => self.associated(of),
            ("Commit", "checkSuites") if !self.may_read("checks") => self.forbidden(path),
            ("Commit", "status") if !self.may_read("statuses") => self.forbidden(path),
            (_, name) => of.get(name).cloned().ok_or_else(|| {
                let message = format!("Field '{name}' doesn't exist on type '{kind}'");
                Refusal(json!({ "message": message, "path": path, "extensions": { "code": "undefinedField" } }))
            })?,
        };
        let value = if value.get(LIST).is_some() { self.connection(&value, &arguments) } else { value };
        self.complete(&value, &field.selection_set, path)
    }

    /// Makes what is not made yet, and selects from it.
    fn complete(&self, value: &Value, selected: &SelectionSet<'_, String>, path: &[Value]) -> Result<Value, Refusal> {
        match value {
            Value::Array(items) => {
                let each = items.iter().enumerate();
                each.map(|(at, item)| self.complete(item, selected, &[path, &[json!(at)]].concat())).collect()
            }
            Value::Object(object) => {
                let made = match (object.get(PULL), object.get(COMMIT)) {
                    (Some(number), _) => self.pull(&self.state.pulls[&number.as_u64().unwrap()]),
                    (_, Some(sha)) => self.commit(sha.as_str().unwrap()),
                    _ => return self.object(value, selected, path),
                };
                if made.is_null() { Ok(made) } else { self.object(&made, selected, path) }
            }
            scalar => Ok(scalar.clone()),
        }
    }

    /// A page of a list.
    fn connection(&self, list: &Value, arguments: &Value) -> Value {
        let mut items: Vec<Value> = list[LIST].as_array().unwrap().clone();
        if let Some(states) = arguments.get("states") {
            let matches = |state: &Value| states == state || states.as_array().is_some_and(|all| all.contains(state));
            items.retain(|item| matches(&item["state"]));
        }
        if let Some(kinds) = arguments["itemTypes"].as_array() {
            let plain = |kind: &Value| kind.as_str().unwrap_or("").replace('_', "").to_lowercase();
            let kinds: Vec<String> = kinds.iter().map(plain).collect();
            items.retain(|item| kinds.contains(&plain(&item["__typename"])));
        }
        if let Some(name) = arguments["filterBy"]["checkName"].as_str() {
            // Of suites those that have a run of that name.
            let has = |suite: &Value| {
                let runs = suite["checkRuns"][LIST].as_array();
                runs.is_some_and(|runs| runs.iter().any(|run| run["name"] == name))
            };
            items.retain(|item| if item["__typename"] == "CheckSuite" { has(item) } else { item["name"] == name });
        }
        if arguments["filterBy"]["checkType"] == json!("LATEST") {
            let all = items.clone();
            let mut at = 0;
            items.retain(|item| {
                at += 1;
                !all[at..].iter().any(|later| later["name"] == item["name"])
            });
        }
        if let Some(by) = arguments["orderBy"]["field"].as_str() {
            let key = if by == "UPDATED_AT" { "updatedAt" } else { "createdAt" };
            items.sort_by_key(|item| item[key].as_u64());
            if arguments["orderBy"]["direction"] == "DESC" {
                items.reverse();
            }
        }
        let size = |name: &str| Some(usize::try_from(arguments[name].as_u64()?).unwrap().min(self.state.page));
        let cursor = |name: &str| {
            let text = STANDARD.decode(arguments[name].as_str()?).ok()?;
            String::from_utf8(text).ok()?.strip_prefix("cursor:")?.parse::<usize>().ok()
        };
        let total = items.len();
        let (start, end) = match (size("first"), size("last")) {
            (_, Some(last)) => (total.saturating_sub(last), total),
            (first, None) => {
                let start = cursor("after").unwrap_or(0).min(total);
                (start, (start + first.unwrap_or(self.state.page)).min(total))
            }
        };
        let name = |at: usize| STANDARD.encode(format!("cursor:{at}"));
        json!({
            "__typename": "Connection", "totalCount": total, "nodes": items[start..end],
            "pageInfo": {
                "__typename": "PageInfo", "hasNextPage": end < total, "hasPreviousPage": start > 0,
                "startCursor": (start < end).then(|| name(start + 1)), "endCursor": (start < end).then(|| name(end)),
            },
        })
    }

    fn may_read(&self, area: &str) -> bool {
        self.call.token.may(area, Access::Read)
    }

    fn forbidden(&self, path: &[Value]) -> Value {
        self.missing("FORBIDDEN", "Resource not accessible by integration", path)
    }

    /// A field that cannot be answered: null, with an error beside the data.
    fn missing(&self, kind: &str, message: &str, path: &[Value]) -> Value {
        self.errors.borrow_mut().push(json!({ "type": kind, "path": path, "message": message }));
        Value::Null
    }
}
