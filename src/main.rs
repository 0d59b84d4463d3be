//! The `alliance` binary: chooses the allocator and parses arguments, nothing else.

/// A request is thousands of small allocations on several threads: this allocator takes a sixth of the CPU off a page.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    alliance::cli::run()
}
