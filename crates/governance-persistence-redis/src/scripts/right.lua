-- Rights may have been taken since they were looked at when connecting. Redis tells before the first write from 7.0 on.
local function lacks_right(command, key, ...)
  if not redis.acl_check_cmd then return false end
  local known, allowed = pcall(redis.acl_check_cmd, command, key, ...)
  return not (known and allowed) and 'NOPERM the user may not run ' .. command .. ' any more'
end
