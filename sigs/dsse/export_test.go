package dsse

// ParseStatement reads a statement that nobody signed.
var ParseStatement = parseStatement

// SignPayload signs any bytes.
var SignPayload = signPayload

// PreAuthentication is what is signed.
var PreAuthentication = preAuthentication
