#include "ws/extension_list.h"

#include <gtest/gtest.h>

namespace wscast::ws {
namespace {

TEST(ExtensionList, AcceptsTheGrammarOfRfc6455Section9_1) {
  for (const char* text : {
           "foo",
           "permessage-deflate; client_max_window_bits",
           "permessage-deflate;server_max_window_bits=10, permessage-deflate",
           "foo ; a = 1 ; b=\"2\" , bar",
           "foo; a=\"\\1\\2\"",
           ", foo,,bar,",
       }) {
    EXPECT_TRUE(is_extension_list(text)) << text;
  }
}

TEST(ExtensionList, RefusesWhatTheGrammarDoesNotGive) {
  for (const char* text : {
           "",
           " , ",
           ";",
           "foo;",
           "foo;;a",
           "foo; =1",
           "foo; a=",
           "foo; a==1",
           "foo; a=1=2",
           "foo=1",
           "foo bar",
           "f(oo",
           "foo; a=\"",
           "foo; a=\"1",
           "foo; a=\"1\\",
           "foo; a=\"\"",
           "foo; a=\"1 2\"",
           "foo; a=\"1\"2",
           "\"foo\"",
       }) {
    EXPECT_FALSE(is_extension_list(text)) << text;
  }
}

}  // namespace
}  // namespace wscast::ws
