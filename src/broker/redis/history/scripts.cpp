#include "broker/redis/history/scripts.h"

#include <string_view>

#include "base/digest.h"
#include "base/uuid.h"

namespace wscast::redis {
namespace {

/// open() begins an epoch when there is no position, or when it was written under another
/// replication id: a master gets a new one when it is started or promoted, and may have lost what
/// it had then. A replica has its master's id, so it is told apart by its role. That is asked for
/// at each call, since no connection ends with a role.
///
/// HSET is the first write, which alone can fail for want of memory. If DEL is then refused no
/// reader sees what is left in the stream, since it lies beyond `last`, and kAppend finds it. A key
/// of another type raises an error before anything is written. The rights are checked when the
/// script comes to a Redis for the first time, so that the writes that follow each other are not
/// refused half way (before Redis 7 it has no such check).
constexpr std::string_view kPrologue = R"lua(
local first, fresh = ARGV[1] ~= '', ARGV[2]
local about = redis.call('INFO', 'replication')
local _, label_end = string.find(about, 'master_replid:', 1, true)
if not label_end then
  return {err = 'ERR no master_replid in INFO, by which the history of rooms knows a failover'}
elseif not string.find(about, 'role:master', 1, true) then
  return {err = 'READONLY the history of rooms is kept by a master, and this is none'}
end
local replid = string.match(about, '^%w+', label_end + 1)

local function needs(...)
  if redis.acl_check_cmd and not redis.acl_check_cmd(...) then
    error({err = "NOPERM this user may not run '" .. select(1, ...) .. "' for the history of rooms"})
  end
end
if first then
  needs('HSET', KEYS[1], 'f', 'v')
  needs('PEXPIRE', KEYS[1], '1')
  needs('DEL', KEYS[2])
end

local function open(position, stream)
  local kept = redis.call('HMGET', position, 'epoch', 'replid', 'last', 'refreshed')
  local last = tonumber(kept[3])
  if kept[2] == replid and kept[1] and last then return kept[1], last, kept[4] end
  redis.call('XLEN', stream)
  redis.call('HSET', position, 'epoch', fresh, 'replid', replid, 'last', '0')
  redis.call('DEL', stream)
  return fresh, 0
end

local function digits(n)
  return string.format('%.0f', n)
end

local time = redis.call('TIME')
local now = time[1] .. string.sub('00000' .. time[2], -6, -4)
)lua";

/// XADD is the first write: without memory or rights, or on a replica, nothing is changed. Entries
/// whose `last` could then not be written are seen by no reader; the next append finds their offset
/// taken, and begins an epoch. What follows HSET is not needed for the messages to be in the
/// history, and must not hide that they are.
///
/// To save time the stream is trimmed by whole nodes (of at most 100 entries) and looked at for
/// expired entries at each 8th message only, and both keys live up to a second longer, so that they
/// need not be refreshed each time: readers leave out what is too much.
constexpr std::string_view kAppend = R"lua(
local pcall, position, stream, keyed = redis.pcall, KEYS[1], KEYS[2], #KEYS > 2
local channel, size, ttl = ARGV[3], ARGV[4], ARGV[5]
if first then
  needs('XADD', stream, '*', 'f', 'v')
  needs('XRANGE', stream, '-', '+')
  needs('XDEL', stream, '0-1')
  needs('PEXPIRE', stream, '1')
  needs('PUBLISH', channel, '')
  if keyed then
    needs('GET', KEYS[3])
    needs('SET', KEYS[3], '')
  end
end

local epoch, last, refreshed = open(position, stream)
local before, newest = last, nil
local lines, offsets, offset_of = {}, {}, keyed and {}

local function known(key)
  if offset_of[key] then return offset_of[key] end
  local former, offset = string.match(redis.call('GET', key) or '', '^(%S+) (%d+)$')
  return former == epoch and offset
end

for i = 1, #ARGV - 5 do
  local offset = keyed and known(KEYS[2 + i])
  if offset then
    lines[i] = offset .. ' ' .. epoch .. ' 1'
  else
    offset = digits(last + 1)
    local added = pcall('XADD', stream, 'MAXLEN', '~', size, offset, 'm', ARGV[5 + i], 't', now)
    if added.err and string.find(added.err, 'equal or smaller', 1, true) then
      redis.call('DEL', position)
      epoch, last, refreshed = open(position, stream)
      before, offset = last, '1'
      added = pcall('XADD', stream, '1', 'm', ARGV[5 + i], 't', now)
    end
    if added.err then
      lines[i] = '-' .. added.err
    else
      last, newest = last + 1, offset
      offsets[i] = offset
      if keyed then offset_of[KEYS[2 + i]] = offset end
    end
  end
end

if last ~= before then
  if refreshed ~= time[1] then
    redis.call('HSET', position, 'last', newest, 'refreshed', time[1])
    pcall('PEXPIRE', stream, ttl + 1000)
    pcall('PEXPIRE', position, ttl + 86401000)
  else
    redis.call('HSET', position, 'last', newest)
  end
end
if keyed then
  for key, offset in pairs(offset_of) do pcall('SET', key, epoch .. ' ' .. offset, 'PX', 300000) end
end
if (last - 1) % 8 < last - before then
  local oldest = pcall('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
  if oldest and now - oldest[2][4] > tonumber(ttl) then
    local expired = {}
    for _, entry in ipairs(pcall('XRANGE', stream, '-', '+', 'COUNT', 10 + last - before)) do
      if now - entry[2][4] > tonumber(ttl) then expired[#expired + 1] = entry[1] end
    end
    pcall('XDEL', stream, unpack(expired))
  end
end

local tail = ',"epoch":"' .. epoch .. '"}'
for i = 1, #ARGV - 5 do
  local offset = offsets[i]
  if offset then
    local published =
        pcall('PUBLISH', channel, string.sub(ARGV[5 + i], 1, -2) .. ',"offset":' .. offset .. tail)
    lines[i] = offset .. ' ' .. epoch .. ' ' .. (type(published) == 'table' and published.err or '0')
  end
end
return table.concat(lines, '\n')
)lua";

/// The first entry is read alone, so that its size tells how many to read next.
constexpr std::string_view kRead = R"lua(
local position, stream = KEYS[1], KEYS[2]
local after, size, ttl = tonumber(ARGV[3]), tonumber(ARGV[5]), tonumber(ARGV[6])
local bytes, seen, count = 0, 0, 1
local epoch, last = open(position, stream)
redis.call('PEXPIRE', position, ttl + 86401000)
local to = math.min(last, tonumber(ARGV[4]) or last)
local through = math.max(after, last - size)
local reply = {epoch, digits(last), ''}
while through < to and seen < 2000 do
  local entries = redis.call('XRANGE', stream, digits(through + 1) .. '-0', digits(to) .. '-0',
      'COUNT', count)
  if #entries == 0 then through = to end
  for _, entry in ipairs(entries) do
    local message = entry[2][2]
    if now - entry[2][4] > ttl then
      for i = #reply, 4, -1 do reply[i] = nil end
      bytes = 0
    else
      if bytes > 0 and bytes + #message > 1048576 then
        reply[3] = digits(through)
        return reply
      end
      reply[#reply + 1] = string.match(entry[1], '^%d+')
      reply[#reply + 1] = message
      bytes = bytes + #message
    end
    through = tonumber(string.match(entry[1], '^%d+'))
    seen = seen + 1
  end
  count = math.max(1, math.min(200, math.floor((1048576 - bytes) * seen / (bytes + 1))))
end
reply[3] = digits(through)
return reply
)lua";

constexpr std::string_view kPositions = R"lua(
local reply = {}
for i = 1, #KEYS, 2 do
  local ok, epoch, last = pcall(open, KEYS[i], KEYS[i + 1])
  if ok then
    redis.pcall('PEXPIRE', KEYS[i], ARGV[2 + (i + 1) / 2] + 86401000)
    reply[#reply + 1] = epoch
    reply[#reply + 1] = digits(last)
  else
    reply[#reply + 1] = type(epoch) == 'table' and epoch or {err = tostring(epoch)}
    reply[#reply + 1] = ''
  end
end
return reply
)lua";

Script script(std::string_view body) {
  std::string text(kPrologue);
  text += body;
  return {text, hex(sha1(text))};
}

}  // namespace

const Script& append_script() {
  static const Script append = script(kAppend);
  return append;
}

const Script& read_script() {
  static const Script read = script(kRead);
  return read;
}

const Script& positions_script() {
  static const Script positions = script(kPositions);
  return positions;
}

}  // namespace wscast::redis
