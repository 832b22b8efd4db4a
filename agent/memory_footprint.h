#pragma once

namespace hostwatch::agent {

/// Keeps the heap small: one arena for all threads, and freed memory goes back to the system early. Call it
/// before the first thread starts.
void limit_heap();

/// Gives back what only starting took: pages of code and constants that the loader, the options and the
/// libraries' initialisers went through (OpenSSL's, which comes with the HTTP library, are the most), and
/// free heap. What is needed again is mapped again when it is touched, from the page cache. Thread-safe.
void release_startup_memory();

}  // namespace hostwatch::agent
