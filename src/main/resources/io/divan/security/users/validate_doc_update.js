function (newDoc, oldDoc, userCtx, secObj) {
  // The server enforces these rules itself. They stand here for tools that look for them, and for
  // servers to which this document is replicated.
  function refuse(reason) {
    throw({forbidden: reason});
  }
  function has(list, element) {
    return Array.isArray(list) && list.indexOf(element) !== -1;
  }
  function sorted(roles) {
    return JSON.stringify((roles || []).slice().sort());
  }
  var isServerAdmin = has(userCtx.roles, '_admin');
  if (newDoc._deleted === true) {
    if (!isServerAdmin && !(oldDoc && userCtx.name === oldDoc.name)) {
      refuse('Only admins may delete other user docs.');
    }
    return;
  }
  if (newDoc.type !== 'user') refuse('doc.type must be user');
  if (!newDoc.name) refuse('doc.name is required');
  if (!newDoc.roles) refuse('doc.roles must exist');
  if (!Array.isArray(newDoc.roles)) refuse('doc.roles must be an array');
  newDoc.roles.forEach(function (role) {
    if (typeof role !== 'string') refuse('doc.roles can only contain strings');
  });
  if (newDoc._id !== 'org.couchdb.user:' + newDoc.name) {
    refuse('Doc ID must be of the form org.couchdb.user:name');
  }
  if (oldDoc && oldDoc.name !== newDoc.name) refuse('Usernames can not be changed.');
  if (newDoc.password_sha && !newDoc.salt) refuse('Users with password_sha must have a salt.');
  if (newDoc.password_scheme && !has(['simple', 'pbkdf2', 'simple+pbkdf2'], newDoc.password_scheme)) {
    refuse('Password scheme `' + newDoc.password_scheme + '` not supported.');
  }
  if (newDoc.password_scheme === 'pbkdf2') {
    if (typeof newDoc.iterations !== 'number') refuse('iterations must be a number.');
    if (typeof newDoc.derived_key !== 'string') refuse('derived_key must be a string.');
  }
  var admins = (secObj && secObj.admins) || {};
  var isAdmin = isServerAdmin || has(admins.names, userCtx.name)
      || userCtx.roles.some(function (role) { return has(admins.roles, role); });
  if (!isAdmin && oldDoc) {
    if (userCtx.name !== newDoc.name) refuse('You may only update your own user document.');
    if (sorted(oldDoc.roles) !== sorted(newDoc.roles)) refuse('Only _admin may edit roles');
  } else if (!isAdmin && newDoc.roles.length > 0) {
    refuse('Only _admin may set roles');
  }
  newDoc.roles.forEach(function (role) {
    if (role.charAt(0) === '_' && role !== '_metrics') {
      refuse('No system roles (starting with underscore) in users db.');
    }
  });
  if (newDoc.name.charAt(0) === '_') refuse('Username may not start with underscore.');
  if (newDoc.name.indexOf(':') >= 0) refuse('Character `:` is not allowed in usernames.');
}
