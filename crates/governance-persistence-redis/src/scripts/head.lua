-- The head and the state, as of one moment.
return standing('head')
