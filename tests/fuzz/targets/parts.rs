#![no_main]

fn init() {
    // A panic of the Parquet reader is caught by ours, which gives up the file: what is not caught is a finding.
    std::panic::set_hook(Box::new(|_| ()));
}

libfuzzer_sys::fuzz_target!(init: init(), |bytes: &[u8]| lookalike_fuzz::targets::parts::run(bytes));
