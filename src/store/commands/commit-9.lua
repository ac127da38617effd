-- Applies one commit: all of it, or nothing and a refusal. docs/store.md is its contract.
--
-- KEYS  1 history  2 revision  3 records  4 claims  5 references  6 changes  7 epochs  8 fence
--       9 written
-- ARGV  1 history id   2 session number   3 commit id   4 time of the commit   5 bytes of the stream
--       6 lease name or ''   7 lease epoch
--       then nine sections, each a count and that many items:
--       expect (key, revision or commit id)  absent (key)  require (key)  release (claim, owner)
--       take (claim, owner)  drop (key)  hold (key)  delete (key)  put (key, JSON)
-- Returns the revision, or {refusal, subject, detail}.
--
-- Every check comes before the first write, and the first write is the one that Redis itself could
-- refuse (XADD with an id that is not the next), so that a refusal or an error leaves no trace.

local HISTORY, REVISION, RECORDS, CLAIMS = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local REFERENCES, CHANGES, EPOCHS, FENCE, WRITTEN = KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]

-- What an entry of the stream occupies besides its records.
local ENTRY_BYTES = 128

local cursor = 7

local function next_argument()
  cursor = cursor + 1
  return ARGV[cursor]
end

local function singles()
  local items = {}
  for i = 1, tonumber(next_argument()) do
    items[i] = next_argument()
  end
  return items
end

local function pairs_of()
  local items = {}
  for i = 1, tonumber(next_argument()) do
    items[i] = { next_argument(), next_argument() }
  end
  return items
end

local expect, absent, require_ = pairs_of(), singles(), singles()
local release, take = pairs_of(), pairs_of()
local drop, hold = singles(), singles()
local delete, put = singles(), pairs_of()

local function exists(key)
  return redis.call('HEXISTS', RECORDS, key) == 1
end

-- Writer and lease.

if redis.call('GET', HISTORY) ~= ARGV[1] then
  return { 'HISTORY', '', '' }
end
local fence = redis.call('GET', FENCE)
if fence and tonumber(ARGV[2]) < tonumber(fence) then
  return { 'FENCED', '', '' }
end
if ARGV[6] ~= '' then
  local epoch = redis.call('HGET', EPOCHS, ARGV[6])
  if not epoch or string.match(epoch, '^%d+') ~= ARGV[7] then
    return { 'LEASE', ARGV[6], '' }
  end
end

-- Records as they were read: at a revision, or as the commit of this id made them.

local function commit_of(revision)
  local entry = redis.call('XRANGE', CHANGES, revision .. '-0', revision .. '-0')[1]
  return entry and entry[2][2]
end
for _, item in ipairs(expect) do
  local revision = string.match(redis.call('HGET', RECORDS, item[1]) or '', '^%d+')
  if not revision or (revision ~= item[2] and commit_of(revision) ~= item[2]) then
    return { 'STALE', item[1], '' }
  end
end
for _, key in ipairs(absent) do
  if exists(key) then
    return { 'STALE', key, '' }
  end
end
for _, key in ipairs(require_) do
  if not exists(key) then
    return { 'MISSING', key, '' }
  end
end

-- Claims: one that is released here by its owner is free to be taken here by another.

local owners = {}
for _, item in ipairs(release) do
  if redis.call('HGET', CLAIMS, item[1]) == item[2] then
    owners[item[1]] = false
  end
end
for _, item in ipairs(take) do
  local owner = owners[item[1]]
  if owner == nil then
    owner = redis.call('HGET', CLAIMS, item[1])
  end
  if owner and owner ~= item[2] then
    return { 'CLAIM', item[1], owner }
  end
  owners[item[1]] = item[2]
end

-- References, counted with what this commit adds and takes away.

local created, counts = {}, {}
for _, item in ipairs(put) do
  created[item[1]] = true
end
local function count(key, step)
  counts[key] = (counts[key] or tonumber(redis.call('HGET', REFERENCES, key) or 0)) + step
end
for _, key in ipairs(hold) do
  if not created[key] and not exists(key) then
    return { 'MISSING', key, '' }
  end
  count(key, 1)
end
for _, key in ipairs(drop) do
  count(key, -1)
end
for key, references in pairs(counts) do
  if references < 0 then
    return { 'UNHELD', key, '' }
  end
end
for _, key in ipairs(delete) do
  if not exists(key) then
    return { 'MISSING', key, '' }
  end
  count(key, 0)
  if counts[key] > 0 then
    return { 'IN_USE', key, '' }
  end
end

-- The writes.

local revision = string.format('%.0f', tonumber(redis.call('GET', REVISION) or 0) + 1)
local bytes = ENTRY_BYTES
for _, key in ipairs(delete) do
  bytes = bytes + #key
end
for _, item in ipairs(put) do
  bytes = bytes + #item[1] + #item[2]
end
local written = tonumber(redis.call('GET', WRITTEN) or 0) + bytes
local entry = { 'XADD', CHANGES, revision .. '-0', 'commit', ARGV[3], 'at', ARGV[4], 'written', string.format('%.0f', written) }
for _, key in ipairs(delete) do
  entry[#entry + 1] = 'delete ' .. key
  entry[#entry + 1] = ''
end
for _, item in ipairs(put) do
  entry[#entry + 1] = 'put ' .. item[1]
  entry[#entry + 1] = item[2]
end
redis.call(unpack(entry))
redis.call('SET', REVISION, revision)
redis.call('SET', WRITTEN, string.format('%.0f', written))

-- The stream is trimmed to the entries that were written within so many bytes of the last. It has
-- been trimmed before, so what goes now is about as much as has come.
local WRITTEN_FIELD = 6
local oldest = redis.call('XRANGE', CHANGES, '-', '+', 'COUNT', 1)[1]
while written - tonumber(oldest[2][WRITTEN_FIELD]) > tonumber(ARGV[5]) do
  redis.call('XDEL', CHANGES, oldest[1])
  oldest = redis.call('XRANGE', CHANGES, '-', '+', 'COUNT', 1)[1]
end

for _, key in ipairs(delete) do
  redis.call('HDEL', RECORDS, key)
end
for _, item in ipairs(put) do
  redis.call('HSET', RECORDS, item[1], revision .. ' ' .. item[2])
end
for claim, owner in pairs(owners) do
  if owner then
    redis.call('HSET', CLAIMS, claim, owner)
  else
    redis.call('HDEL', CLAIMS, claim)
  end
end
for key, references in pairs(counts) do
  if references > 0 then
    redis.call('HSET', REFERENCES, key, references)
  else
    redis.call('HDEL', REFERENCES, key)
  end
end

return tonumber(revision)
