#include "wscast/broker.h"

#include "broker/broker.h"

namespace wscast {
namespace {

class MemoryBroker final : public Broker {
 public:
  bool reaches_others() const override { return false; }
};

}  // namespace

std::shared_ptr<Broker> memory_broker() {
  return std::make_shared<MemoryBroker>();
}

}  // namespace wscast
