//! Reading pull requests and branches again, in one request, right before and after something is written.

use super::error::{GitHubError, said};
use super::graph::{Oid, PullNode};
use super::read::LIVE;
use super::rest::malformed;
use super::{GitHub, SIDE_BY_SIDE};
use crate::github::facts::Fresh;
use crate::github::ids::{CommitId, PullNumber};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The hundred open pull requests that were made last.
const OPEN: &str = "open: pullRequests(states: OPEN, first: 100, orderBy: { field: CREATED_AT, direction: DESC }) { nodes { number headRefOid } }";

/// The number of pull requests, and of branches, in a request.
const BATCH: usize = 20;

/// The repository of the answer, with one field for each pull request and branch.
#[derive(Deserialize)]
struct Root {
    repository: Option<Map<String, Value>>,
}

/// The open pull requests that were made last.
#[derive(Deserialize)]
struct Open {
    nodes: Vec<OpenNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OpenNode {
    number: PullNumber,
    head_ref_oid: CommitId,
}

/// A branch.
#[derive(Deserialize)]
struct Tip {
    target: Option<Oid>,
}

impl GitHub {
    /// Pull requests as they are now, without their files, and the tips of branches. Up to twenty of each are one request.
    ///
    /// # Errors
    /// As for every read: see [`GitHubError`].
    pub async fn again(&self, numbers: &[PullNumber], branches: &[String]) -> Result<Fresh, GitHubError> {
        let numbers: Vec<PullNumber> = numbers.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let branches: Vec<&String> = branches.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let mut fresh = Fresh::default();
        let batches = numbers.len().max(branches.len()).div_ceil(BATCH);
        for batch in 0..batches {
            let numbers = numbers.chunks(BATCH).nth(batch).unwrap_or_default();
            let branches = branches.chunks(BATCH).nth(batch).unwrap_or_default();
            self.batch(numbers, branches, &mut fresh).await?;
        }
        Ok(fresh)
    }

    async fn batch(&self, numbers: &[PullNumber], branches: &[&String], fresh: &mut Fresh) -> Result<(), GitHubError> {
        let what = "read the pull requests again";
        let (document, variables) = self.asked(numbers, branches);
        let root: Root = self.query(&document, &variables, what).await?;
        let mut fields = root.repository.ok_or_else(|| GitHubError::NotFound { what: what.to_owned() })?;
        let open: Option<Open> = take(&mut fields, "open", what)?;
        let open = open.ok_or_else(|| malformed(what, "it has no list of open pull requests"))?;
        fresh.newest = open.nodes.into_iter().map(|node| (node.number, node.head_ref_oid)).collect();
        for (at, branch) in branches.iter().enumerate() {
            let tip: Option<Tip> = take(&mut fields, &format!("branch{at}"), what)?;
            let commit = tip.map(|tip| tip.target.ok_or_else(|| malformed(what, "a branch has no commit")));
            fresh.tips.insert((*branch).clone(), commit.transpose()?.map(|target| target.oid));
        }
        let mut nodes = Vec::new();
        for number in numbers {
            let node: Option<PullNode> = take(&mut fields, &format!("pullRequest{number}"), what)?;
            nodes.extend(node);
        }
        let pulls = stream::iter(nodes).map(|node| self.complete(node)).buffered(SIDE_BY_SIDE);
        fresh.pulls.extend(pulls.try_collect::<Vec<_>>().await?);
        Ok(())
    }

    /// The document with a field for each pull request and branch, and its variables: outside text is in them alone.
    fn asked(&self, numbers: &[PullNumber], branches: &[&String]) -> (String, Value) {
        let (owner, name) = self.client.owner_and_name();
        let mut variables = Map::new();
        variables.extend([("owner".to_owned(), json!(owner)), ("name".to_owned(), json!(name))]);
        let (mut declared, mut fields) = ("$owner: String!, $name: String!".to_owned(), format!("{OPEN}\n"));
        for (at, branch) in branches.iter().enumerate() {
            // Writing to a text does not fail.
            let _ = write!(declared, ", $branch{at}: String!");
            let _ = writeln!(fields, "branch{at}: ref(qualifiedName: $branch{at}) {{ target {{ oid }} }}");
            variables.insert(format!("branch{at}"), json!(format!("refs/heads/{branch}")));
        }
        for number in numbers {
            let _ = writeln!(fields, "pullRequest{number}: pullRequest(number: {number}) {{ ...Live }}");
        }
        // A fragment that is not used makes the document invalid.
        let fragment = if numbers.is_empty() { "" } else { LIVE };
        let query = format!(
            "query Again({declared}) {{\nrepository(owner: $owner, name: $name) {{\n{fields}}}\n}}\n{fragment}"
        );
        (query, Value::Object(variables))
    }
}

/// A field of the answer. None where it is null.
pub(super) fn take<T: DeserializeOwned>(
    fields: &mut Map<String, Value>,
    name: &str,
    what: &str,
) -> Result<Option<T>, GitHubError> {
    let value = fields.remove(name).ok_or_else(|| malformed(what, &format!("`{name}` is missing")))?;
    serde_json::from_value(value).map_err(|error| malformed(what, &said(&error.to_string(), None)))
}
