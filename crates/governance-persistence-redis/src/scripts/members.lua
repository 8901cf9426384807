-- Members of a sorted set, behind a word of ours. KEYS 1 the set  ARGV 1 the command that finds them, then the rest of it
local found = redis.pcall(ARGV[1], KEYS[1], unpack(ARGV, 2))
if found.err then return found end
table.insert(found, 1, 'members')
return found
