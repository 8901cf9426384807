-- Removes an ephemeral, and says whether it was there. ARGV 1 its id
local lack = lacks_right('DEL', KEYS[1])
if lack then return redis.error_reply(lack) end
redis.call('ZREM', KEYS[2], ARGV[1])
return {'removed', redis.call('DEL', KEYS[1])}
