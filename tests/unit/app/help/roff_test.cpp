#include "help/roff.h"

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

TEST(Roff, KeepsEachCharacterAsItIs) {
  EXPECT_EQ(roff("--a 'b' \\ `c` \"d\" ^~"),
            "\\-\\-a \\(aqb\\(aq \\e \\(gac\\(ga \\(dqd\\(dq \\(ha\\(ti");
}

TEST(Roff, TextIsNoRequest) {
  EXPECT_EQ(roff(".so file"), "\\&.so file");
  EXPECT_EQ(roff("a\n.so file"), "a .so file");
  EXPECT_EQ(roff("'so"), "\\(aqso");
}

TEST(Roff, ALineMayEndBehindAComma) {
  EXPECT_EQ(roff("a,b"), "a,\\:b");
}

TEST(Roff, AnExampleKeepsItsLines) {
  EXPECT_EQ(roff_example("a\n\n.b\n"), ".PP\n.EX\na\n\n\\&.b\n.EE\n");
}

}  // namespace
}  // namespace wscast::program
