# Every check that a change must pass; long the first time.
check:
    bash .ci/run

# The tests alone.
test *args:
    cargo test {{ args }}

# Takes over what snapshots and generated pages should be now: read the diff. Needs cargo-insta.
bless *args:
    BLESS=1 cargo insta test --accept {{ args }}

# The benchmarks.
bench *args:
    cargo bench {{ args }}

# Fuzzes one target: element, git_protocol, lock, patch or project. Needs a nightly compiler and cargo-fuzz.
fuzz target seconds="60":
    mkdir -p fuzz/corpus/{{ target }}
    cargo +nightly fuzz run {{ target }} fuzz/corpus/{{ target }} fuzz/seeds/{{ target }} -- -max_total_time={{ seconds }}
