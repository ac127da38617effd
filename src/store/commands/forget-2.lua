-- Takes figures of records that are gone out of a hash of figures; those of others stay.
--
-- KEYS  1 records  2 counts, of all hosts or of one
-- ARGV  keys of records
-- Returns how many were there.

local gone = 0
for _, key in ipairs(ARGV) do
  if redis.call('HEXISTS', KEYS[1], key) == 0 then
    gone = gone + redis.call('HDEL', KEYS[2], key)
  end
end
return gone
