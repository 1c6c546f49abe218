//! How the steps of a sequence are chosen.

use proptest::prelude::*;

use crate::actions::Action;
use crate::edit::Edit;

pub fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        8 => (1_u8..4).prop_map(Edit::Bump),
        2 => (1_u8..4).prop_map(Edit::Lock),
        1 => (1_u8..4).prop_map(Edit::Block),
        4 => (1_u8..3).prop_map(Edit::Commands),
        4 => (0_u8..3).prop_map(Edit::Readme),
        1 => (0_u8..3).prop_map(Edit::Plain),
        1 => (0_u8..9).prop_map(Edit::NewElement),
        1 => any::<bool>().prop_map(Edit::Tracker),
        1 => (0_u8..2).prop_map(Edit::Workflow),
        1 => (0_u8..3).prop_map(Edit::Config),
        1 => (0_u8..2).prop_map(Edit::Project),
        1 => Just(Edit::Move),
        1 => Just(Edit::Remove),
        1 => (0_u8..2).prop_map(Edit::Owners),
        1 => Just(Edit::Undo),
        2 => (0_u8..6).prop_map(Edit::Release),
    ]
}

/// Branches, pull requests and people: some more often than others, so that steps are about the same thing.
pub fn few() -> impl Strategy<Value = u8> + Clone {
    prop_oneof![5 => Just(0_u8), 2 => Just(1), 1 => Just(2)]
}

/// Branches: seldom the bot's own.
pub fn branch() -> impl Strategy<Value = u8> + Clone {
    prop_oneof![8 => few(), 1 => Just(3)]
}

/// Who pushes: mostly the tracker.
pub fn pusher() -> impl Strategy<Value = u8> + Clone {
    prop_oneof![5 => Just(0_u8), 1 => Just(1), 3 => Just(2), 1 => Just(3)]
}

/// Who reviews: mostly those who may.
pub fn reviewer() -> impl Strategy<Value = u8> + Clone {
    prop_oneof![1 => Just(0_u8), 5 => Just(1), 3 => Just(2), 1 => Just(3)]
}

pub fn action() -> impl Strategy<Value = Action> {
    let (b, w, r, p) = (branch, pusher, reviewer, few);
    let base = || prop_oneof![4 => Just(0_u8), 2 => Just(1), 1 => Just(2)];
    prop_oneof![
        5 => (b(), w(), w(), edit()).prop_map(|(branch, who, author, edit)| Action::Push { branch, who, author, edit }),
        1 => (b(), w()).prop_map(|(branch, who)| Action::Amend { branch, who }),
        2 => (b(), w(), p()).prop_map(|(branch, who, to)| Action::Back { branch, who, to }),
        2 => (b(), edit()).prop_map(|(branch, edit)| Action::Fresh { branch, edit }),
        1 => (b(), w()).prop_map(|(branch, who)| Action::MergeBase { branch, who }),
        2 => (b(), w(), edit()).prop_map(|(branch, who, edit)| Action::EvilMerge { branch, who, edit }),
        2 => (b(), b(), w()).prop_map(|(branch, other, who)| Action::Share { branch, other, who }),
        5 => (b(), base(), w()).prop_map(|(branch, base, who)| Action::Open { branch, base, who }),
        1 => edit().prop_map(|edit| Action::Fork { edit }),
        1 => p().prop_map(|pull| Action::Close { pull }),
        1 => p().prop_map(|pull| Action::Reopen { pull }),
        3 => (p(), base()).prop_map(|(pull, base)| Action::Retarget { pull, base }),
        1 => b().prop_map(|branch| Action::Delete { branch }),
        8 => (p(), r(), 0_u8..8, prop::bool::weighted(0.2))
            .prop_map(|(pull, who, verdict, older)| Action::Review { pull, who, verdict, older }),
        2 => (p(), r()).prop_map(|(pull, who)| Action::Dismiss { pull, who }),
        2 => (p(), r()).prop_map(|(pull, who)| Action::Command { pull, who }),
        2 => (0_u8..3, 0_u8..3).prop_map(|(who, level)| Action::Permission { who, level }),
        2 => (0_u8..2, edit()).prop_map(|(branch, edit)| Action::Base { branch, edit }),
        1 => p().prop_map(|pull| Action::AutoMerge { pull }),
        4 => p().prop_map(|pull| Action::Enqueue { pull }),
        1 => p().prop_map(|pull| Action::Dequeue { pull }),
        2 => Just(Action::Settle),
        1 => (p(), 0_u8..2).prop_map(|(pull, branch)| Action::Ticket { pull, branch }),
        2 => Just(Action::Promote),
        1 => prop::option::weighted(0.3, edit()).prop_map(|evil| Action::Sync { evil }),
        2 => (p(), 0_u8..3).prop_map(|(pull, method)| Action::Merge { pull, method }),
        2 => (p(), r(), 0_u8..7).prop_map(|(pull, who, words)| Action::Words { pull, who, words }),
        2 => (p(), 0_u8..3, prop::bool::weighted(0.8)).prop_map(|(pull, label, on)| Action::Label { pull, label, on }),
        1 => (p(), r()).prop_map(|(pull, who)| Action::ApproveBy { pull, who }),
        2 => (p(), any::<bool>()).prop_map(|(pull, on)| Action::StaleFiles { pull, on }),
        1 => p().prop_map(|pull| Action::Job { pull }),
        1 => (p(), any::<bool>()).prop_map(|(pull, on)| Action::Draft { pull, on }),
    ]
}
