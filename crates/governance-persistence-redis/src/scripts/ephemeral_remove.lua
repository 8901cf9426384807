-- Removes an ephemeral, and says whether it was there. KEYS and ARGV[1] as for putting one.
redis.call('ZREM', KEYS[2], ARGV[1])
return {'removed', redis.call('DEL', KEYS[1])}
