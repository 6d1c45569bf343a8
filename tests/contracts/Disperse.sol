// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// Pays many at once: all of them, or nobody. It has the functions of Disperse.app, and keeps nothing.
///
/// Unlike Disperse.app it also pays tokens whose functions answer nothing.
contract Disperse {
    /// Pays coins; what is left of those that came along goes back.
    function disperseEther(address payable[] calldata recipients, uint256[] calldata amounts) external payable {
        require(recipients.length == amounts.length, "as many recipients as amounts");
        for (uint256 i = 0; i < recipients.length; i++) {
            pay(recipients[i], amounts[i]);
        }
        if (address(this).balance > 0) {
            pay(payable(msg.sender), address(this).balance);
        }
    }

    /// Pays a token, of which the caller must have approved the sum.
    function disperseToken(address token, address[] calldata recipients, uint256[] calldata amounts) external {
        require(recipients.length == amounts.length, "as many recipients as amounts");
        // From the caller to each recipient, so that nothing is here in between.
        for (uint256 i = 0; i < recipients.length; i++) {
            bytes memory call =
                abi.encodeWithSignature("transferFrom(address,address,uint256)", msg.sender, recipients[i], amounts[i]);
            (bool success, bytes memory answer) = token.call(call);
            require(success, "the token refuses a transfer");
            require(answer.length == 0 || abi.decode(answer, (bool)), "the token did not transfer");
        }
        require(token.code.length > 0, "no token");
    }

    function pay(address payable recipient, uint256 amount) private {
        (bool success,) = recipient.call{value: amount}("");
        require(success, "a recipient refuses coins");
    }
}
