#include "server/channel_interest.h"

#include "protocol/channel.h"

namespace wscast::server {
namespace {

/// Returns the rooms of those `channels` that are channels of rooms.
std::vector<std::string> rooms_among(const std::vector<std::string>& channels) {
  const std::string prefix = protocol::room_channel("");
  std::vector<std::string> rooms;
  for (const auto& channel : channels) {
    if (channel.starts_with(prefix)) rooms.push_back(channel.substr(prefix.size()));
  }
  return rooms;
}

}  // namespace

bool ChannelInterest::subscribe_client(const hub::ClientRecord& client, std::string_view user_id) {
  if (!backplane_.subscribes_exactly()) return false;
  const std::string id = client.id.text();
  std::vector<std::string> channels = {protocol::client_channel(id), protocol::room_channel(id)};
  if (!user_id.empty()) channels.push_back(protocol::user_channel(user_id));
  for (const auto& room : default_rooms_) channels.push_back(protocol::room_channel(room));
  return subscribe(client, std::move(channels));
}

bool ChannelInterest::subscribe_rooms(const hub::ClientRecord& client,
                                      const std::vector<std::string>& rooms) {
  if (!backplane_.subscribes_exactly()) return false;
  std::vector<std::string> channels;
  channels.reserve(rooms.size());
  for (const auto& room : rooms) channels.push_back(protocol::room_channel(room));
  return subscribe(client, std::move(channels));
}

bool ChannelInterest::subscribe(const hub::ClientRecord& client,
                                std::vector<std::string> channels) {
  router_.route(kBrokerShard, SubscribeRequest{client.id, client.shard, std::move(channels)});
  return true;
}

void ChannelInterest::on_confirmed(session::Session* session, const SubscribeConfirmed& confirmed) {
  if (session != nullptr) session->on_subscribed(rooms_among(confirmed.refused));
  if (session != nullptr && session->pin(confirmed.channels)) return;
  release(confirmed.channels);
}

void ChannelInterest::release_pinned(session::Session& session) {
  if (auto channels = session.take_pinned(); !channels.empty()) release(std::move(channels));
}

void ChannelInterest::release(std::vector<std::string> channels) {
  send({.subscribe = {}, .unsubscribe = std::move(channels)});
}

void ChannelInterest::send(Interest interest) {
  if (!interest.empty()) router_.route(kBrokerShard, InterestChange{std::move(interest)});
}

}  // namespace wscast::server
