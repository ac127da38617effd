/** Routers, floating IPs and what belongs to them. Rows as `intent-error.ts` says. */

export const LAYER3_ERRORS = {
  AutoAllocationFailure: [409, 'Deployment error: {reason}.'],
  AvailabilityZoneNotFound: [404, 'AvailabilityZone {availability_zone} could not be found.'],
  BadRequest: [400, 'Bad {resource} request: {msg}.'],
  ConntrackHelperNotAllowed: [400, 'Conntrack Helper {helper} is not allowed.'],
  ConntrackHelperNotFound: [404, 'Conntrack Helper {id} could not be found.'],
  DefaultExternalNetworkExists: [409, 'A default external network already exists: {net_id}.'],
  DeviceIDNotOwnedByTenant: [
    409,
    'The following device_id {device_id} is not owned by your tenant or matches another',
    'tenants router.',
  ],
  ExternalGatewayForFloatingIPNotFound: [
    404,
    'External network {external_network_id} is not reachable from subnet {subnet_id}.',
    ' Therefore, cannot associate Port {port_id} with a Floating IP.',
  ],
  ExternalIpAddressExhausted: [400, 'Unable to find any IP address on external network {net_id}.'],
  ExternalNetworkInUse: [
    409,
    'External network {net_id} cannot be updated to be made non-external, since it has',
    'existing gateway ports.',
  ],
  FipInUseByPortForwarding: [409, 'Floating IP {id} in use by Port Forwarding resources.'],
  FlavorNotFound: [404, 'Flavor {flavor_id} could not be found.'],
  FloatingIPNotFound: [404, 'Floating IP {floatingip_id} could not be found'],
  FloatingIPPortAlreadyAssociated: [
    409,
    'Cannot associate floating IP {floating_ip_address} ({fip_id}) with port {port_id} using',
    'fixed IP {fixed_ip}, as that fixed IP already has a floating IP on external network',
    '{net_id}.',
  ],
  InvalidProtocolForHelper: [
    400,
    'Conntrack Helper {helper} does not support: {protocol}. Supported protocols are:',
    '{supported_protocols}',
  ],
  InvalidRoutes: [400, 'Invalid format for routes: {routes}, {reason}'],
  PortForwardingNotFound: [404, 'Port Forwarding {id} could not be found.'],
  PortHasBindingFloatingIP: [
    409,
    'Cannot create port forwarding to floating IP {floating_ip_address} ({fip_id}) with port',
    '{port_id} using fixed IP {fixed_ip}, as that port already has a binding floating IP.',
  ],
  PortHasPortForwarding: [
    400,
    'Cannot associate floating IP to port {port_id} because it already has a Port Forwarding',
    'binding.',
  ],
  PortInUse: [
    409,
    'Unable to complete operation on port {port_id} for network {net_id}. Port already has an',
    'attached device {device_id}.',
  ],
  RouterExternalGatewayInUseByFloatingIp: [
    409,
    'Gateway cannot be updated for router {router_id}, since a gateway to external network',
    '{net_id} is required by one or more floating IPs.',
  ],
  RouterGatewayNotValid: [409, 'Can not enable ndp proxy on router {router_id}, {reason}.'],
  RouterInterfaceInUseByFloatingIP: [
    409,
    'Router interface for subnet {subnet_id} on router {router_id} cannot be deleted, as it is',
    'required by one or more floating IPs.',
  ],
  RouterInterfaceInUseByRoute: [
    409,
    'Router interface for subnet {subnet_id} on router {router_id} cannot be deleted, as it is',
    'required by one or more routes.',
  ],
  RouterInterfaceNotFound: [404, 'Router {router_id} does not have an interface with id {port_id}'],
  RouterInterfaceNotFoundForSubnet: [
    404,
    'Router {router_id} has no interface on subnet {subnet_id}',
  ],
  RouterInUse: [409, 'Router {router_id} {reason}'],
  RouterNotFound: [404, 'Router {router_id} could not be found'],
  RoutesExhausted: [
    400,
    'Unable to complete operation for {router_id}. The number of routes exceeds the maximum',
    '{quota}.',
  ],
  ServicePortInUse: [409, 'Port {port_id} cannot be deleted directly via the port API: {reason}.'],
  SubnetMismatchForPort: [
    400,
    'Subnet on port {port_id} does not match the requested subnet {subnet_id}.',
  ],
  UnsupportedPortDeviceOwner: [
    409,
    'Operation {op} is not supported for device_owner {device_owner} on port {port_id}.',
  ],
} as const;
