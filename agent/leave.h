#pragma once

namespace hostwatch::agent {

/// Ends the program where destroying an object would wait for the kernel, perhaps for ever. Flushes the log
/// and standard output, and runs no destructors.
[[noreturn]] void leave(int status);

}  // namespace hostwatch::agent
