#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "wscast/codec.h"
#include "wscast/hooks.h"

/// The hooks of wscast/hooks.h with types of the application: Auth is the `data` of `authenticate`,
/// read by codec<Auth>, and Meta the metadata of a client. The rules of wscast/hooks.h apply.
namespace wscast {

/// AuthenticateRequest with the `data` as an Auth.
template <class Auth>
struct TypedAuthenticateRequest {
  std::string_view client_id{};
  Auth data;
  ClientSocket* socket = nullptr;

  template <class Visitor>
  void for_each_view(Visitor&& visit) {
    visit(client_id);
  }
};

/// Identity with a Meta as its metadata.
template <class Meta>
struct TypedIdentity {
  std::string user_id{};
  Meta metadata;
  std::optional<std::chrono::milliseconds> expires_in{};
};

/// HandshakeRequest with the `data` as an Auth.
template <class Auth>
struct TypedHandshakeRequest {
  std::string_view client_id{};
  std::string_view user_id{};
  Auth data;

  template <class Visitor>
  void for_each_view(Visitor&& visit) {
    visit(client_id), visit(user_id);
  }
};

/// A request, or the ClientInfo of a query, whose metadata is a Meta.
template <class Base, class Meta>
struct WithMeta : Base {
  /// The metadata; null before the client has authenticated. Valid as long as this or a copy of it.
  const Meta* meta() const noexcept { return this->metadata.template get<Meta>(); }
};

template <class Meta>
using TypedClientEvent = WithMeta<ClientEvent, Meta>;

template <class Meta>
using TypedMembershipEvent = WithMeta<MembershipEvent, Meta>;

template <class Meta>
using TypedClientMessage = WithMeta<ClientMessage, Meta>;

template <class Meta>
using TypedTransformRequest = WithMeta<TransformRequest, Meta>;

/// Hooks with types. A client whose `data` codec<Auth> cannot read is rejected, without a call of
/// `authenticate` or `handshake`.
template <class Auth, class Meta>
struct TypedHooks {
  Hook<TypedAuthenticateRequest<Auth>, std::optional<TypedIdentity<Meta>>> authenticate{};
  Hook<TypedHandshakeRequest<Auth>, std::optional<HandshakeKeys>> handshake{};
  ValidateRoomsHook validate_rooms{};
  Hook<TypedClientEvent<Meta>, void> connected{};
  Hook<TypedClientEvent<Meta>, void> disconnected{};
  Hook<TypedMembershipEvent<Meta>, void> joined{};
  Hook<TypedMembershipEvent<Meta>, void> left{};
  RoomOccupiedHook room_occupied{};
  RoomVacatedHook room_vacated{};
  Hook<TypedClientMessage<Meta>, void> message{};
  Hook<TypedTransformRequest<Meta>, std::optional<Transformed>> outbound_transformer{};
  ServerCallHook server_call{};

  /// The same hooks for a Server.
  Hooks untyped() const;
};

namespace detail {

/// Wraps `hook`: `convert` makes its request; where that returns std::nullopt the response is
/// empty.
template <class Request, class Typed, class Response, class Convert>
Hook<Request, Response> with_request(const Hook<Typed, Response>& hook, Convert convert) {
  if (hook.returning()) {
    return [convert, call = hook.returning()](const Request& request) -> Response {
      const std::optional<Typed> typed = convert(request);
      return typed ? call(*typed) : Response();
    };
  }
  if (hook.replying()) {
    return [convert, call = hook.replying()](const Request& request, Reply<Response> reply) {
      if (const std::optional<Typed> typed = convert(request)) {
        call(*typed, std::move(reply));
      } else if constexpr (!std::is_void_v<Response>) {
        reply(Response());
      }
    };
  }
  return nullptr;
}

/// Wraps `hook`: `convert` makes the response from that of `hook`.
template <class Response, class Request, class Typed, class Convert>
Hook<Request, Response> with_response(const Hook<Request, Typed>& hook, Convert convert) {
  if (hook.returning()) {
    return [convert, call = hook.returning()](const Request& request) -> Response {
      return convert(call(request));
    };
  }
  if (hook.replying()) {
    return [convert, call = hook.replying()](const Request& request, Reply<Response> reply) {
      call(request, Reply<Typed>([convert, reply](HookOutcome<Typed> outcome) {
             const auto* failed = std::get_if<HookFailed>(&outcome);
             if (!failed) {
               reply(convert(std::get<0>(std::move(outcome))));
             } else if (!failed->dropped) {
               reply.fail(failed->what);
             }  // Dropped: `reply` is dropped with this function.
           }));
    };
  }
  return nullptr;
}

template <class Meta>
std::optional<Identity> untyped_identity(std::optional<TypedIdentity<Meta>> identity) {
  if (!identity) return std::nullopt;
  return Identity{.user_id = std::move(identity->user_id),
                  .metadata = Metadata::of(std::move(identity->metadata)),
                  .expires_in = identity->expires_in};
}

template <class Auth>
std::optional<TypedAuthenticateRequest<Auth>> typed_authenticate(
    const AuthenticateRequest& request) {
  std::optional<Auth> data = codec<Auth>::decode(request.data);
  if (!data) return std::nullopt;
  return TypedAuthenticateRequest<Auth>{request.client_id, *std::move(data), request.socket};
}

template <class Auth>
std::optional<TypedHandshakeRequest<Auth>> typed_handshake(const HandshakeRequest& request) {
  std::optional<Auth> data = codec<Auth>::decode(request.data);
  if (!data) return std::nullopt;
  return TypedHandshakeRequest<Auth>{request.client_id, request.user_id, *std::move(data)};
}

template <class Base, class Meta, class Response>
Hook<Base, Response> with_metadata(const Hook<WithMeta<Base, Meta>, Response>& hook) {
  return with_request<Base>(hook, [](const Base& request) -> std::optional<WithMeta<Base, Meta>> {
    return WithMeta<Base, Meta>{request};
  });
}

}  // namespace detail

template <class Auth, class Meta>
Hooks TypedHooks<Auth, Meta>::untyped() const {
  const auto authenticated =
      detail::with_response<std::optional<Identity>>(authenticate, detail::untyped_identity<Meta>);
  return {
      .authenticate = detail::with_request<AuthenticateRequest>(authenticated,
                                                                detail::typed_authenticate<Auth>),
      .handshake = detail::with_request<HandshakeRequest>(handshake, detail::typed_handshake<Auth>),
      .validate_rooms = validate_rooms,
      .connected = detail::with_metadata(connected),
      .disconnected = detail::with_metadata(disconnected),
      .joined = detail::with_metadata(joined),
      .left = detail::with_metadata(left),
      .room_occupied = room_occupied,
      .room_vacated = room_vacated,
      .message = detail::with_metadata(message),
      .outbound_transformer = detail::with_metadata(outbound_transformer),
      .server_call = server_call,
  };
}

}  // namespace wscast
