//! Bodies of commits, branches, trees and comparisons.

use git2::Oid;
use serde_json::{Value, json};

use super::super::git::{Changed, Entry, login_of};
use super::{Bodies, time};

impl Bodies<'_> {
    /// A commit with the accounts of its author and committer.
    pub fn commit(&self, sha: &str) -> Value {
        let commit = self.state.commit_of(sha).unwrap();
        let account = |email: &str| login_of(email).map(|login| self.user(&login));
        let parents = commit.parent_ids().map(|id| {
            json!({ "sha": id.to_string(), "url": self.api(&format!("/commits/{id}")), "html_url": self.html(&format!("/commit/{id}")) })
        });
        let url = self.api(&format!("/commits/{sha}"));
        let git = self.git_commit(sha);
        json!({
            "url": url, "sha": sha, "node_id": format!("C_{sha}"), "html_url": self.html(&format!("/commit/{sha}")),
            "comments_url": format!("{url}/comments"),
            "commit": {
                "url": git["url"], "author": git["author"], "committer": git["committer"], "comment_count": 0,
                "message": git["message"], "tree": git["tree"], "verification": git["verification"],
            },
            "author": account(commit.author().email().unwrap()),
            "committer": account(commit.committer().email().unwrap()),
            "parents": parents.collect::<Vec<_>>(),
        })
    }

    /// A commit as git knows it.
    pub fn git_commit(&self, sha: &str) -> Value {
        let commit = self.state.commit_of(sha).unwrap();
        let person = |who: &git2::Signature<'_>| {
            let at = time(u64::try_from(who.when().seconds()).unwrap());
            json!({ "name": who.name().unwrap(), "email": who.email().unwrap(), "date": at })
        };
        let parents = commit.parent_ids().map(|id| {
            json!({ "sha": id.to_string(), "url": self.api(&format!("/git/commits/{id}")), "html_url": self.html(&format!("/commit/{id}")) })
        });
        let signed = self.state.signed.contains(sha);
        let tree = commit.tree_id();
        json!({
            "sha": sha, "node_id": format!("C_{sha}"), "url": self.api(&format!("/git/commits/{sha}")),
            "html_url": self.html(&format!("/commit/{sha}")), "author": person(&commit.author()),
            "committer": person(&commit.committer()), "message": commit.message().unwrap(),
            "tree": { "sha": tree.to_string(), "url": self.api(&format!("/git/trees/{tree}")) },
            "parents": parents.collect::<Vec<_>>(),
            "verification": {
                "verified": signed, "reason": if signed { "valid" } else { "unsigned" }, "signature": signed.then_some("-"),
                "payload": signed.then_some("-"), "verified_at": signed.then(|| time(1_790_000_000)),
            },
        })
    }

    pub fn reference(&self, branch: &str, sha: &str) -> Value {
        json!({
            "ref": format!("refs/heads/{branch}"), "node_id": format!("REF_{branch}"),
            "url": self.api(&format!("/git/refs/heads/{branch}")),
            "object": { "type": "commit", "sha": sha, "url": self.api(&format!("/git/commits/{sha}")) },
        })
    }

    pub fn branch(&self, branch: &str, sha: &str) -> Value {
        let protection = self.state.protections.get(branch);
        let (enabled, checks) = (protection.is_some(), protection.map(|p| p.checks.clone()).unwrap_or_default());
        let contexts: Vec<&String> = checks.iter().map(|(name, _)| name).collect();
        let pairs: Vec<Value> = checks.iter().map(|(name, app)| json!({ "context": name, "app_id": app })).collect();
        let url = self.api(&format!("/branches/{branch}"));
        json!({
            "name": branch, "commit": self.commit(sha), "protected": enabled || self.state.rules.contains_key(branch),
            "_links": { "self": url, "html": self.html(&format!("/tree/{branch}")) },
            "protection": { "enabled": enabled, "required_status_checks": {
                "enforcement_level": if enabled { "non_admins" } else { "off" }, "contexts": contexts, "checks": pairs,
            } },
            "protection_url": format!("{url}/protection"),
        })
    }

    /// The classic protection of a branch, for administrators.
    pub fn protection(&self, branch: &str) -> Option<Value> {
        let protection = self.state.protections.get(branch)?;
        let url = self.api(&format!("/branches/{branch}/protection"));
        let off = json!({ "enabled": false });
        let mut body = json!({
            "url": url, "allow_force_pushes": off, "allow_deletions": off, "block_creations": off,
            "enforce_admins": { "url": format!("{url}/enforce_admins"), "enabled": false },
            "required_linear_history": off, "required_conversation_resolution": off, "lock_branch": off,
        });
        if !protection.checks.is_empty() {
            let contexts: Vec<&String> = protection.checks.iter().map(|(name, _)| name).collect();
            let checks = protection.checks.iter().map(|(name, app)| json!({ "context": name, "app_id": app }));
            let url = format!("{url}/required_status_checks");
            body["required_status_checks"] = json!({
                "url": url, "strict": false, "contexts": contexts, "contexts_url": format!("{url}/contexts"),
                "checks": checks.collect::<Vec<_>>(),
            });
        }
        if protection.reviews {
            body["required_pull_request_reviews"] = json!({
                "url": format!("{url}/required_pull_request_reviews"), "dismiss_stale_reviews": false,
                "require_code_owner_reviews": false, "required_approving_review_count": 1,
                "require_last_push_approval": false,
            });
        }
        Some(body)
    }

    pub fn tree(&self, tree: Oid, recursive: bool) -> Option<Value> {
        let entries = self.state.tree_entries(tree, recursive)?;
        let entry = |(path, mode, kind, sha, size): Entry| {
            let mut entry = json!({ "path": path, "mode": mode, "type": kind, "sha": sha });
            if let Some(size) = size {
                entry["size"] = json!(size);
                entry["url"] = json!(self.api(&format!("/git/blobs/{sha}")));
            }
            entry
        };
        let entries: Vec<Value> = entries.into_iter().map(entry).collect();
        let url = self.api(&format!("/git/trees/{tree}"));
        Some(json!({ "sha": tree.to_string(), "url": url, "tree": entries, "truncated": false }))
    }

    /// One file of a comparison.
    pub fn changed(&self, file: &Changed, head: &str) -> Value {
        let path = file.path.replace(' ', "%20");
        let mut body = json!({
            "sha": file.blob, "filename": file.path, "status": file.status, "additions": file.additions,
            "deletions": file.deletions, "changes": file.additions + file.deletions,
            "blob_url": self.html(&format!("/blob/{head}/{path}")), "raw_url": self.html(&format!("/raw/{head}/{path}")),
            "contents_url": self.api(&format!("/contents/{path}?ref={head}")),
        });
        if let Some(patch) = &file.patch {
            body["patch"] = json!(patch);
        }
        if let Some(old) = &file.old_path {
            body["previous_filename"] = json!(old);
        }
        body
    }

    /// How `head` is related to `base`; with this page of its commits.
    pub fn comparison(&self, base: &str, head: &str, (page, size): (usize, usize)) -> Option<Value> {
        let merge_base = self.state.merge_base(base, head)?;
        let ahead = self.state.commits_between(base, head);
        let behind = self.state.commits_between(head, base).len();
        let status = match (ahead.len(), behind) {
            (0, 0) => "identical",
            (0, _) => "behind",
            (_, 0) => "ahead",
            _ => "diverged",
        };
        let shown = ahead.iter().skip((page - 1) * size).take(size);
        // The first page alone has files, at most 300.
        let files = if page == 1 { self.state.changed(&merge_base, head) } else { Vec::new() };
        let files: Vec<Value> = files.iter().take(300).map(|file| self.changed(file, head)).collect();
        let page = self.html(&format!("/compare/{base}...{head}"));
        Some(json!({
            "url": self.api(&format!("/compare/{base}...{head}")), "html_url": page, "permalink_url": page,
            "diff_url": format!("{page}.diff"), "patch_url": format!("{page}.patch"), "base_commit": self.commit(base),
            "merge_base_commit": self.commit(&merge_base), "status": status, "ahead_by": ahead.len(),
            "behind_by": behind, "total_commits": ahead.len(),
            "commits": shown.map(|sha| self.commit(sha)).collect::<Vec<_>>(), "files": files,
        }))
    }
}
