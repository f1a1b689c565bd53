// Compiles Boost.JSON into the program, which then needs its headers only.

#include <boost/json/src.hpp>
