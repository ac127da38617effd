-- Takes a lease that is free or the holder's own. A lease that was free begins a new term, with a
-- new epoch, whoever had it last: the process that now has the name may be another.
--
-- KEYS  1 lease  2 epochs
-- ARGV  1 lease name  2 holder  3 milliseconds to live
-- Returns the epoch, or nil when another holds the lease.
--
-- A new epoch is never below the time in seconds: switches remember the epoch that they saw as
-- generation_id, and a Redis that lost its data must not start below it.

local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[2] then
  return nil
end
local known = redis.call('HGET', KEYS[2], ARGV[1])
local epoch, last = string.match(known or '0 ', '^(%d+) (.*)$')
if not held or last ~= ARGV[2] then
  epoch = string.format('%.0f', math.max(tonumber(epoch) + 1, tonumber(redis.call('TIME')[1])))
  redis.call('HSET', KEYS[2], ARGV[1], epoch .. ' ' .. ARGV[2])
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return tonumber(epoch)
