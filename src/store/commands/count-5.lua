-- Takes down what a host has counted of records: its own figures, and their difference in the sums.
-- Told twice, it is counted once. Records that are gone are passed over: nothing of them stays.
--
-- KEYS  1 records  2 epochs  3 counts  4 counts of the host  5 counted
-- ARGV  1 lease name  2 its epoch  3 host  4 time of the reading
--       then, for each record: key, packets, bytes, time of the last, what the reader must remember
-- Returns 1, or 0 when the lease is another's by now.

local RECORDS, EPOCHS, COUNTS, OWN, COUNTED = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]

local epoch = redis.call('HGET', EPOCHS, ARGV[1])
if not epoch or string.match(epoch, '^%d+') ~= ARGV[2] then
  return 0
end

local function figures(text)
  local packets, bytes, last = string.match(text or '', '^(%d+) (%d+) (%d+)')
  return tonumber(packets or 0), tonumber(bytes or 0), tonumber(last or 0)
end

local function text_of(packets, bytes, last)
  return string.format('%.0f %.0f %.0f', packets, bytes, last)
end

redis.call('HSET', COUNTED, ARGV[3], ARGV[4])
for i = 5, #ARGV, 5 do
  local key = ARGV[i]
  local packets, bytes, last = tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3])
  if redis.call('HEXISTS', RECORDS, key) == 1 then
    local old_packets, old_bytes = figures(redis.call('HGET', OWN, key))
    local all_packets, all_bytes, all_last = figures(redis.call('HGET', COUNTS, key))
    all_packets = all_packets + math.max(0, packets - old_packets)
    all_bytes = all_bytes + math.max(0, bytes - old_bytes)
    redis.call('HSET', COUNTS, key, text_of(all_packets, all_bytes, math.max(all_last, last)))
    redis.call('HSET', OWN, key, text_of(packets, bytes, last) .. ' ' .. ARGV[i + 4])
  end
end
return 1
