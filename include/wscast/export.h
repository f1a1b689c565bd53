#pragma once

/// Stands before each class and function that the library defines, and before the member functions
/// it defines of a plain struct. All else is compiled hidden: the shared library offers this alone.
#define WSCAST_EXPORT __attribute__((visibility("default")))
