-- Puts an ephemeral. ARGV 1 its id  2 its value  3 its time to live in milliseconds
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local expires = string.format('%.0f', now + tonumber(ARGV[3]))
local lack = lacks_right('SET', KEYS[1], '', 'PXAT', '1') or lacks_right('ZREMRANGEBYSCORE', KEYS[2], '0', '0')
  or lacks_right('ZADD', KEYS[2], '0', '') or lacks_right('ZRANGE', KEYS[2], '0', '0')
  or lacks_right('PEXPIREAT', KEYS[2], '0')
if lack then return redis.error_reply(lack) end
redis.call('SET', KEYS[1], expires .. '|' .. ARGV[2], 'PXAT', expires)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now))
redis.call('ZADD', KEYS[2], expires, ARGV[1])
-- The ids go with the last of the ephemerals.
local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[2], string.format('%.0f', tonumber(last[2])))
return {'put'}
