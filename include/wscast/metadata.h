#pragma once

#include <memory>
#include <typeinfo>
#include <utility>

namespace wscast {

/// A value of any type that the application attaches to a client when it authenticates, and gets in
/// hooks and queries. Copies share the value, which is const and never sent anywhere. Any thread.
class Metadata {
 public:
  /// Without a value.
  Metadata() = default;

  /// With `value`, which get() returns for exactly this type.
  template <class T>
  static Metadata of(T value) {
    Metadata made;
    made.holder_ = std::make_shared<const Holder<T>>(std::move(value));
    return made;
  }

  explicit operator bool() const noexcept { return holder_ != nullptr; }

  /// The value; null if there is none, or if it is of another type. Valid as long as this Metadata
  /// or a copy of it.
  template <class T>
  const T* get() const noexcept {
    if (!holder_ || holder_->type() != typeid(T)) return nullptr;
    return &static_cast<const Holder<T>&>(*holder_).value;
  }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual const std::type_info& type() const noexcept = 0;
  };

  template <class T>
  struct Holder final : Base {
    explicit Holder(T given) : value(std::move(given)) {}
    const std::type_info& type() const noexcept override { return typeid(T); }
    T value;
  };

  std::shared_ptr<const Base> holder_;
};

}  // namespace wscast
