//! Prints the comment that a reviewer would get for a made-up bump in which somebody tries several attacks at once.

#![allow(clippy::print_stdout, reason = "this is a program of its own")]

#[allow(dead_code, reason = "the tests show the others")]
mod sample;

fn main() {
    let (review, frame) = sample::risky();
    print!("{}", cargo2_bot::review::render::comment(&review, &frame, cargo2_bot::review::render::COMMENT_LIMIT));
}
