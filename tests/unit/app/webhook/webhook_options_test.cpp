#include "webhook/webhook_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::StartsWith;

WebhookOptions good() {
  WebhookOptions options;
  options.url = "https://backend.example/events";
  options.secrets = {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
  return options;
}

TEST(WebhookOptions, TheDefaultsAreValid) {
  EXPECT_THAT(good().validate(), ElementsAre());
}

TEST(WebhookOptions, EachFaultIsNamedByItsField) {
  WebhookOptions wrong;
  wrong.url = "ftp://backend.example";
  wrong.ca_file = "/no/such.pem";
  wrong.types = {"connected", "conected"};
  wrong.max_batch_events = 0;
  wrong.max_batch_bytes = 1;
  wrong.max_delay = milliseconds(-1);
  wrong.max_queue_events = 0;
  wrong.max_queue_bytes = 1;
  wrong.timeout = milliseconds(0);
  wrong.first_retry = milliseconds(0);
  wrong.longest_retry = milliseconds(-1);
  wrong.max_age = milliseconds(0);
  wrong.drain_time = std::chrono::hours(1);
  EXPECT_THAT(
      wrong.validate(),
      ElementsAre(StartsWith("url: must begin"), "secrets: there must be one.",
                  "ca_file: /no/such.pem cannot be read.", "types: \"conected\" is no event.",
                  StartsWith("max_batch_events: "), "max_batch_bytes: must be 1KiB to 64MiB.",
                  StartsWith("max_queue_events: "), StartsWith("max_queue_bytes: "),
                  "max_delay: must be 0 to 60s.", "timeout: must be 1ms to 600s.",
                  "first_retry: must be 1ms to 3600s.", StartsWith("longest_retry: "),
                  "max_age: must be 1s to 604800s.", "drain_time: must be 0 to 600s."));
  WebhookOptions none = good();
  none.types.clear();
  EXPECT_THAT(none.validate(), ElementsAre("types: must name an event."));
}

TEST(WebhookOptions, EachNameOfAnEventIsItsType) {
  for (const auto name : webhook_event_names()) {
    EXPECT_EQ(name_of(webhook_event_of(name).value()), name);
  }
  EXPECT_EQ(webhook_event_of("room_vacated"), WebhookEventType::room_vacated);
  EXPECT_EQ(webhook_event_of("Connected"), std::nullopt);
}

}  // namespace
}  // namespace wscast::program
