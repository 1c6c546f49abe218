# What a change should pass before it is committed: format, and clippy on the library. Seconds on a warm tree.
lint:
    cargo fmt --check
    cargo clippy --quiet --lib -- -D warnings

# The tests alone: all, or those that the arguments of `cargo test` select.
test *args:
    cargo test {{ args }}

# Every check that a change must pass, or one part: fast, tests, peers, container, model, fuzz.
ci *part:
    bash .ci/run {{ part }}

# The example project's drift: found, explained, fixed and gone.
demo:
    cargo run --quiet -- demo

# Lets git run `just lint` before each commit in this clone.
hooks:
    git config core.hooksPath .ci/hooks

# Takes `just hooks` back.
unhook:
    git config --unset core.hooksPath

# Takes over what snapshots and generated pages should be now: read the diff. Needs cargo-insta.
bless *args:
    BLESS=1 cargo insta test --accept {{ args }}

# Installs the program of this checkout, with its commit in `--version`.
install:
    CARGO2_BOT_COMMIT=$(git rev-parse --short=12 HEAD) cargo install --locked --path .

# The benchmarks.
bench *args:
    cargo bench {{ args }}

# Fuzzes one target: a file of fuzz/fuzz_targets. Needs a nightly compiler and cargo-fuzz.
fuzz target seconds="60":
    mkdir -p fuzz/corpus/{{ target }}
    cargo +nightly fuzz run {{ target }} fuzz/corpus/{{ target }} fuzz/seeds/{{ target }} -- -max_total_time={{ seconds }}
