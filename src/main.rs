//! The `alliance` binary: parses arguments, nothing else.

fn main() -> std::process::ExitCode {
    alliance::cli::run()
}
