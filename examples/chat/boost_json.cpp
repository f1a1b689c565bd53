// Boost.JSON, compiled here once, so that the program needs its headers alone.

#include <boost/json/src.hpp>
