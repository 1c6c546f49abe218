//! What the repositories of the moved sources say of the new commits.

use crate::io::Workspace;
use crate::review::ref_proof::evaluate::{Answers, evaluate};
use crate::review::ref_proof::question::Question;
use crate::review::ref_proof::{RefProof, SourceProof};
use crate::review::{ElementReview, SourceMove};
use futures_util::StreamExt;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The number of sources that are asked about side by side.
const AT_ONCE: usize = 8;

/// A proof needs fewer relations of commits than this: the branch, the tag, the commit before.
const MOST_RELATIONS: usize = 8;

/// Fills in the proofs of all sources whose commits moved.
pub(in crate::app) async fn prove(elements: &mut [ElementReview], head: &Arc<Workspace>) {
    let mut asked = Vec::new();
    for (at, element) in elements.iter().enumerate() {
        for (number, source) in element.sources.iter().enumerate() {
            let (head, source) = (Arc::clone(head), source.clone());
            asked.push(async move { (at, number, of_source(&source, &head).await) });
        }
    }
    let proofs: Vec<_> = futures_util::stream::iter(asked).buffer_unordered(AT_ONCE).collect().await;
    for (at, number, proof) in proofs {
        let source = elements.get_mut(at).and_then(|element| element.sources.get_mut(number));
        if let (Some(source), Some(proof)) = (source, proof) {
            source.proof.commit = proof.commit;
            source.proof.remarks.splice(0..0, proof.remarks);
        }
    }
}

/// The proof of one source; none where nothing is to be proven.
async fn of_source(source: &SourceMove, head: &Workspace) -> Option<SourceProof> {
    let question = Question::of(source)?;
    let refs = head.named_refs(question.url(), &question.prefixes()).await.map_err(|why| why.to_string());
    let mut answers = Answers { refs, relations: BTreeMap::new() };
    for _ in 0..MOST_RELATIONS {
        let (one, other) = match evaluate(&question, &answers) {
            Ok(proof) => return Some(proof),
            Err(pair) => pair,
        };
        let relation = head.relation(question.url(), &one, &other).await.map_err(|why| why.to_string());
        answers.relations.insert((one, other), relation);
    }
    let why = "it takes too many requests".to_owned();
    Some(SourceProof { commit: Some(RefProof::NotKnown { why }), remarks: Vec::new() })
}
