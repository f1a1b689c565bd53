// The one place where Asio is compiled; everywhere else BOOST_ASIO_SEPARATE_COMPILATION holds.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
