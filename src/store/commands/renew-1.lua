-- Extends a lease that the holder still has.
--
-- KEYS  1 lease
-- ARGV  1 holder  2 milliseconds to live
-- Returns 1, or 0 when the lease expired or is another's.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
